//! What a client can't be made from, and what it says about it.

use std::time::Duration;

use coupontools_mirror::api::{Client, ClientError, Credentials, Settings};

use crate::vendor::keys;

fn with(change: impl Fn(&mut Settings)) -> Result<Client, ClientError> {
    let mut settings = Settings::default();
    change(&mut settings);
    Client::new(&settings, &keys())
}

#[test]
fn the_defaults_are_the_vendors_own_address_and_polite() {
    let settings = Settings::default();
    assert_eq!(settings.base_url, "https://api.coupontools.com");
    assert_eq!((settings.requests_per_second, settings.timeout), (4, Duration::from_secs(30)));
    assert!(with(|_| {}).is_ok());
}

#[test]
fn a_base_url_must_be_one_and_keep_the_keys_secret() {
    for (url, expected) in [
        ("https://api.example.com", Ok(())),
        (" https://api.example.com/ ", Ok(())),
        ("https://api.example.com/path", Ok(())),
        ("http://localhost:8080", Ok(())),
        ("http://127.0.0.1:8080", Ok(())),
        ("http://[::1]:8080", Ok(())),
        ("http://api.example.com", Err(ClientError::PlainHttp)),
        ("http://localhost.example.com", Err(ClientError::PlainHttp)),
        ("api.example.com", Err(ClientError::BaseUrl)),
        ("", Err(ClientError::BaseUrl)),
        ("ftp://api.example.com", Err(ClientError::BaseUrl)),
        ("https://user:word@api.example.com", Err(ClientError::BaseUrl)),
        ("https://api.example.com/?key=1", Err(ClientError::BaseUrl)),
        ("https://api.example.com/#x", Err(ClientError::BaseUrl)),
    ] {
        let made = with(|settings| settings.base_url = url.to_owned());
        assert_eq!(made.map(|_| ()), expected, "{url}");
    }
}

#[test]
fn rates_and_times_have_ranges() {
    for (rate, good) in [(0, false), (1, true), (1000, true), (1001, false)] {
        assert_eq!(with(|settings| settings.requests_per_second = rate).is_ok(), good, "{rate}");
    }
    for (seconds, good) in [(0, false), (1, true), (600, true), (601, false)] {
        assert_eq!(
            with(|settings| settings.timeout = Duration::from_secs(seconds)).is_ok(),
            good,
            "{seconds}"
        );
    }
}

#[test]
fn a_key_must_fit_into_a_header() {
    for bad in ["", "two\nlines", "with space", "käse", "nul\0"] {
        for (id, secret, which) in [(bad, "good", "client ID"), ("good", bad, "client secret")] {
            let keys = Credentials { client_id: id.into(), client_secret: secret.into() };
            let error = Client::new(&Settings::default(), &keys).unwrap_err();
            assert_eq!(error, ClientError::Key { which });
            assert!(error.hint().is_some());
            assert!(bad.len() < 3 || !format!("{error} {error:?}").contains(bad));
        }
    }
}
