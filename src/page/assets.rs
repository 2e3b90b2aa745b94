//! What pages load from this server: the stylesheet, the script, the icon. Their addresses change with their bytes, so
//! that a browser may keep them.

use std::sync::LazyLock;

use xxhash_rust::xxh3::xxh3_64;

/// A file that pages load.
#[derive(Clone, Copy, Debug)]
pub struct Asset {
    /// Its name under `/assets/`.
    pub name: &'static str,
    /// Its media type.
    pub media_type: &'static str,
    /// What it holds.
    pub content: &'static str,
}

/// All there are.
pub const ASSETS: [Asset; 3] = [STYLE, LIVE, ICON];

const STYLE: Asset = Asset {
    name: "style.css",
    media_type: "text/css; charset=utf-8",
    content: include_str!("asset/style.css"),
};
const LIVE: Asset = Asset {
    name: "live.js",
    media_type: "text/javascript; charset=utf-8",
    content: include_str!("asset/live.js"),
};
const ICON: Asset =
    Asset { name: "favicon.svg", media_type: "image/svg+xml", content: include_str!("asset/favicon.svg") };

/// The asset of that name.
#[must_use]
pub fn find(name: &str) -> Option<Asset> {
    ASSETS.into_iter().find(|asset| asset.name == name)
}

fn address(asset: Asset) -> String {
    format!("/assets/{}?v={:016x}", asset.name, xxh3_64(asset.content.as_bytes()))
}

pub(super) static STYLE_ADDRESS: LazyLock<String> = LazyLock::new(|| address(STYLE));
pub(super) static LIVE_ADDRESS: LazyLock<String> = LazyLock::new(|| address(LIVE));
pub(super) static ICON_ADDRESS: LazyLock<String> = LazyLock::new(|| address(ICON));
