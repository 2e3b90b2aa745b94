//! A bare client of the simulated API.

use std::time::Duration;

use coupontools_mirror::simulator::{Options, Simulator};
use serde_json::{Value, json};

/// Whatever hangs in a test hangs this long at most.
pub const DEADLINE: Duration = Duration::from_secs(20);

/// A simulator and a client for it.
pub struct Asker {
    pub simulator: Simulator,
    pub http: reqwest::Client,
}

/// An answer, as it came.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(self.text.trim_start_matches('\u{feff}')).expect("JSON")
    }

    /// The API's error code, however spelt.
    pub fn error_code(&self) -> Option<u64> {
        let code = &self.json()["status"]["errors"]["error_code"];
        let code = code.get(0).unwrap_or(code);
        code.as_u64().or_else(|| code.as_str()?.parse().ok())
    }

    pub fn ids(&self) -> Vec<String> {
        let answer = self.json();
        let rows = answer["user_info"].as_array().expect("rows");
        rows.iter().map(|row| row["ID"].as_str().expect("an ID").to_owned()).collect()
    }
}

impl Asker {
    pub async fn start(options: Options) -> Self {
        let simulator = Simulator::start(options).await.expect("started");
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_gzip()
            .build()
            .expect("a client");
        Self { simulator, http }
    }

    pub fn post(&self, path: &str) -> reqwest::RequestBuilder {
        self.http.post(format!("{}{path}", self.simulator.base_url())).timeout(DEADLINE)
    }

    pub fn call(&self, path: &str, parameters: &Value) -> reqwest::RequestBuilder {
        self.post(path)
            .header("X-Client-Id", "demo-id")
            .header("X-Client-Secret", "demo-secret")
            .header("Content-Type", "application/json")
            .body(parameters.to_string())
    }

    pub async fn ask(&self, path: &str, parameters: Value) -> Answer {
        read(self.call(path, &parameters)).await.expect("an answer")
    }

    pub async fn page(&self, page: u64) -> Answer {
        self.ask("/v3/directoryusers/list", json!({ "directory": "dir_10001", "page": page })).await
    }

    pub async fn control(&self, path: &str, body: Value) -> Answer {
        let request = self.post(path).body(body.to_string());
        read(request).await.expect("an answer")
    }

    pub async fn get(&self, path: &str) -> Answer {
        let request = self.http.get(format!("{}{path}", self.simulator.base_url())).timeout(DEADLINE);
        read(request).await.expect("an answer")
    }

    pub async fn delete(&self, path: &str) -> Answer {
        let request = self.http.delete(format!("{}{path}", self.simulator.base_url())).timeout(DEADLINE);
        read(request).await.expect("an answer")
    }

    /// Every ID, page by page, to the first empty page.
    pub async fn all_ids(&self) -> Vec<String> {
        let mut all = Vec::new();
        for page in 1.. {
            let ids = self.page(page).await.ids();
            if ids.is_empty() {
                break;
            }
            all.extend(ids);
        }
        all
    }

    pub fn true_ids(&self) -> Vec<String> {
        let standing = self.simulator.world().standing("dir_10001").expect("a directory");
        standing.into_iter().map(|standing| standing.registration_id).collect()
    }
}

pub async fn read(request: reqwest::RequestBuilder) -> reqwest::Result<Answer> {
    let response = request.send().await?;
    let status = response.status().as_u16();
    let headers = response.headers().clone();
    Ok(Answer { status, headers, text: response.text().await? })
}
