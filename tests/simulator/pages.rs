//! Pages of a list that changes, is filtered, or is answered wrongly.

use coupontools_mirror::simulator::{Churn, Fault, FaultKind, Mutation, Options};
use serde_json::json;

use crate::asker::Asker;

#[tokio::test]
async fn deletions_before_each_page_make_a_naive_walk_skip_rows() {
    let mut options = Options::quiet(&[1_000]);
    options.behaviour.before_each_page = Churn { delete_newest: 3, ..Churn::default() };
    let asker = Asker::start(options).await;
    let walked = asker.all_ids().await;
    asker.simulator.world().set_behaviour(Default::default());
    let standing = asker.true_ids();
    let skipped = standing.iter().filter(|id| !walked.contains(id)).count();
    assert_eq!(standing.len(), 1_000 - 11 * 3);
    assert_eq!(skipped, 27, "three of each page but the first");
}

#[tokio::test]
async fn insertions_before_each_page_show_rows_twice() {
    let mut options = Options::quiet(&[300]);
    options.behaviour.before_each_page = Churn { insert: 2, ..Churn::default() };
    let asker = Asker::start(options).await;
    let first = asker.page(1).await.ids();
    let second = asker.page(2).await.ids();
    assert_eq!(first[0], "reg_1000302");
    assert_eq!(second[..2], first[98..]);
}

#[tokio::test]
async fn a_filter_after_paging_leaves_short_pages_in_the_middle() {
    let mut options = Options::quiet(&[250]);
    options.behaviour.hide_every = Some(7);
    let asker = Asker::start(options).await;
    let lengths: Vec<usize> =
        [asker.page(1).await.ids().len(), asker.page(2).await.ids().len(), asker.page(3).await.ids().len()]
            .to_vec();
    assert!(lengths[0] < 100 && lengths[1] < 100 && lengths[2] > 0, "{lengths:?}");
    assert_eq!(asker.all_ids().await, asker.true_ids());
    assert_eq!(asker.simulator.world().truth()[0].registrations, asker.true_ids().len());
}

#[tokio::test]
async fn another_page_size_is_possible() {
    let mut options = Options::quiet(&[60]);
    options.behaviour.rows_a_page = 25;
    let asker = Asker::start(options).await;
    assert_eq!(asker.page(1).await.ids().len(), 25);
    assert_eq!(asker.page(3).await.ids().len(), 10);
}

#[tokio::test]
async fn a_wrong_page_is_wrong_once_and_as_told() {
    let asker = Asker::start(Options::quiet(&[350])).await;
    let right = asker.page(2).await.ids();
    let first = asker.page(1).await.ids();
    let rows = |kind, rows| Fault { rows, ..Fault::from(kind) };
    let table: [(Fault, Vec<String>); 7] = [
        (FaultKind::EmptyPage.into(), vec![]),
        (FaultKind::ShortPage.into(), right[..50].to_vec()),
        (rows(FaultKind::ShortPage, Some(99)), right[..99].to_vec()),
        (rows(FaultKind::CutPage, Some(1)), right[1..].to_vec()),
        (rows(FaultKind::HoledPage, Some(2)), [&right[..49], &right[51..]].concat()),
        (FaultKind::RepeatedPage.into(), first.clone()),
        (rows(FaultKind::ShortPage, Some(1_000)), right.clone()),
    ];
    for (fault, expected) in table {
        let kind = fault.kind;
        asker.simulator.world().add_fault(Fault { page: Some(2), ..fault }).unwrap();
        assert_eq!(asker.page(1).await.ids(), first, "{kind:?} hits page 2 only");
        assert_eq!(asker.page(2).await.ids(), expected, "{kind:?}");
        assert_eq!(asker.page(2).await.ids(), right, "{kind:?} is used up");
    }
}

#[tokio::test]
async fn an_outdated_page_shows_the_list_as_it_was() {
    let asker = Asker::start(Options::quiet(&[150])).await;
    let world = asker.simulator.world();
    let before = asker.page(1).await;
    let gone = before.ids()[4]
        .trim_start_matches("reg_")
        .parse()
        .map(coupontools_mirror::simulator::RegistrationNumber);
    let changes = Mutation { delete: vec![gone.unwrap()], insert: 2, edit: 3, ..Mutation::default() };
    world.mutate("dir_10001", &changes).unwrap();
    let outdated = |changes| Fault { changes: Some(changes), ..FaultKind::OutdatedPage.into() };
    let now = asker.page(1).await;
    world.add_fault(outdated(6)).unwrap();
    assert_eq!(asker.page(1).await.text, before.text);
    world.add_fault(outdated(1)).unwrap();
    assert_eq!(asker.page(1).await.ids()[0], now.ids()[1], "one insertion behind");
    assert_eq!(asker.page(1).await.text, now.text);
}

#[tokio::test]
async fn past_the_end_of_an_empty_directory_there_is_no_last_page() {
    let asker = Asker::start(Options::quiet(&[0])).await;
    for past_end in ["last-page", "first-page", "error-301"] {
        asker.simulator.world().merge_behaviour(json!({"past_end": past_end})).unwrap();
        assert_eq!(asker.page(1).await.ids().len(), 0, "{past_end}");
    }
}
