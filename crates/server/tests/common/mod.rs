//! A small illustrative city, a router over it, and sites whose measures are known beforehand.
#![allow(dead_code, reason = "every test program uses another part")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

use std::path::Path;
use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use clap::Parser;
use geo::{Coord, MultiPolygon, polygon};
use phteah_layers::measures::{DivisionName, InputLayer, Measured, Place, Site};
use phteah_layers::{Catalogue, LocalText, Progress};
use phteah_planning::matrix::{Cell, Column, Matrix, Unknown};
use phteah_planning::measure::Tenure;
use phteah_planning::problem::Warning;
use phteah_planning::scenario::Scenario;
use phteah_server::api::app;
use phteah_server::cli::Cli;
use phteah_server::ranking::RankError;
use phteah_server::ranking::measure::Survey;
use phteah_server::state::{AppState, Limits};
use tempfile::TempDir;
use tower::ServiceExt;

/// Lets the tests of this program read files: they start it once more, for this test alone.
#[test]
fn phteah_reading_process() {
    phteah_layers::reading_process::serve_if_asked();
}

/// How many sites [`sites`] makes.
pub const SITES: usize = 250;

/// A data directory with the illustrative city, made once for a test program.
pub fn data() -> &'static Path {
    static DATA: OnceLock<TempDir> = OnceLock::new();
    DATA.get_or_init(city).path()
}

/// A data directory of its own with the illustrative city.
pub fn city() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().to_str().unwrap();
    phteah(&small_city(path));
    dir
}

/// The command that makes a small illustrative city, without families.
pub fn small_city(data: &str) -> [&str; 9] {
    [
        "demo",
        "--data",
        data,
        "--parcels",
        "400",
        "--cell",
        "300",
        "--households",
        "0",
    ]
}

/// Runs a command in process.
pub fn phteah(arguments: &[&str]) {
    let cli = Cli::try_parse_from(std::iter::once(&"phteah").chain(arguments)).unwrap();
    phteah_server::commands::run(cli).unwrap();
}

/// The router over the city.
pub fn router() -> Router {
    static STATE: OnceLock<Arc<AppState>> = OnceLock::new();
    let state = STATE.get_or_init(|| Arc::new(state(data(), Limits::default())));
    app(Arc::clone(state))
}

pub fn state(dir: &Path, limits: Limits) -> AppState {
    AppState::open(dir.to_owned(), limits, 7, sites).unwrap()
}

/// A server over the city whose sites are really measured, made once for a test program, and its default ranking.
pub async fn surveyed() -> (Router, serde_json::Value) {
    static STATE: OnceLock<Arc<AppState>> = OnceLock::new();
    let survey = phteah_server::ranking::measure::survey;
    let open = || Arc::new(AppState::open(data().to_owned(), Limits::default(), 7, survey).unwrap());
    let router = app(Arc::clone(STATE.get_or_init(open)));
    let body = serde_json::json!({"scenario": scenario()}).to_string();
    let answer = ask(router.clone(), json_post("/api/rankings", body)).await;
    assert_eq!(answer.status, 200, "{}", answer.json());
    (router, answer.json())
}

/// A request that posts JSON.
pub fn json_post(path: &str, body: impl Into<Body>) -> Request<Body> {
    let request = Request::post(path).header("content-type", "application/json");
    request.body(body.into()).unwrap()
}

/// A request for an address.
pub fn address(path: &str) -> Request<Body> {
    Request::get(path).body(Body::empty()).unwrap()
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&self.body)))
    }

    /// Checks that this is an error in the one shape, and which.
    #[track_caller]
    pub fn is_error(&self, status: u16, code: &str) -> serde_json::Value {
        let json = self.json();
        assert_eq!(
            (self.status.as_u16(), json["error"]["code"].as_str()),
            (status, Some(code)),
            "{json}"
        );
        let message = json["error"]["message"].as_str().unwrap();
        assert!(
            message.ends_with('.') && message.len() > 15,
            "no sentence: {message}"
        );
        assert!(json["error"]["details"].is_array());
        assert_eq!(
            json["error"]["request_id"].as_str(),
            Some(self.header("x-request-id"))
        );
        json["error"].clone()
    }
}

pub async fn ask(router: Router, request: Request<Body>) -> Answer {
    let response = router.oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap().to_vec();
    Answer {
        status: parts.status,
        headers: parts.headers,
        body,
    }
}

pub async fn get(path: &str) -> Answer {
    ask(router(), Request::get(path).body(Body::empty()).unwrap()).await
}

pub async fn get_with(path: &str, header: &str, value: &str) -> Answer {
    ask(
        router(),
        Request::get(path)
            .header(header, value)
            .body(Body::empty())
            .unwrap(),
    )
    .await
}

pub async fn post(path: &str, body: impl Into<Body>) -> Answer {
    let request = Request::post(path)
        .header("content-type", "application/json")
        .body(body.into())
        .unwrap();
    ask(router(), request).await
}

/// The scenario that comes with the program.
pub fn scenario() -> Scenario {
    phteah_server::scenarios::named(data(), "default")
        .unwrap()
        .unwrap()
}

/// The default scenario, ranked: the ranking as JSON.
pub async fn ranking() -> serde_json::Value {
    let body = serde_json::json!({"scenario": scenario()}).to_string();
    let answer = post("/api/rankings", body).await;
    assert_eq!(answer.status, 200, "{}", answer.json());
    answer.json()
}

/// Its id.
pub async fn ranking_id() -> String {
    ranking().await["id"].as_str().unwrap().to_owned()
}

/// Sites in rows of 25 plots around the centre of the city. Every seventh lacks a measure, every eleventh is
/// out of reach, every thirteenth is known between bounds.
#[allow(clippy::unnecessary_wraps, reason = "stands in for a function that can fail")]
pub fn sites(catalogue: &Catalogue, scenario: &Scenario, _: &mut dyn Progress) -> Result<Survey, RankError> {
    let ids = (0..SITES).map(|n| format!("site-{n:04}")).collect();
    let mut matrix = Matrix::new(ids).unwrap();
    for (column, measure) in scenario.measures().iter().enumerate() {
        let cell = |row: usize| match (row * 31 + column * 17) % 77 {
            spread if measure.is_category() => {
                Cell::Category(["hard_title", "soft_title", "state_private"][spread % 3])
            }
            _ if row.is_multiple_of(7) && column % 3 == 0 => Cell::Unknown(Unknown::NoData),
            _ if row.is_multiple_of(11) && column % 4 == 1 => Cell::Unknown(Unknown::Unreachable),
            spread if row.is_multiple_of(13) => {
                Cell::Interval(spread as f64 / 60.0, spread as f64 / 60.0 + 0.3)
            }
            spread => Cell::Known(spread as f64 / 60.0),
        };
        matrix
            .push(measure.id(), Column::from_cells((0..SITES).map(cell)).unwrap())
            .unwrap();
    }
    let sites = (0..SITES).map(|n| {
        let (x, y) = (
            485_000.0 + 400.0 * (n % 25) as f64,
            1_275_000.0 + 400.0 * (n / 25) as f64,
        );
        let side = 40.0;
        let shape =
            polygon![(x: x, y: y), (x: x + side, y: y), (x: x + side, y: y + side), (x: x, y: y + side)];
        let name = LocalText {
            en: "Chamkar Mon".to_owned(),
            km: "ចំការមន".to_owned(),
        };
        Site {
            id: format!("site-{n:04}"),
            parcels: vec![format!("120101-{n:06}")],
            shape: MultiPolygon(vec![shape]),
            centre: Coord {
                x: x + side / 2.0,
                y: y + side / 2.0,
            },
            area_m2: side * side,
            capacity: 20,
            compactness: std::f64::consts::FRAC_PI_4,
            tenure: Tenure::HardTitle,
            price_usd_m2: None,
            place: Place {
                khan: Some(DivisionName {
                    code: "1201".to_owned(),
                    name,
                }),
                sangkat: None,
                elsewhere: None,
                number: 1,
            },
        }
    });
    let input = |layer: &phteah_layers::LayerEntry| InputLayer {
        name: layer.name.clone(),
        role: layer.role,
        hash: layer.hash.clone(),
        illustrative: layer.illustrative,
        licence: layer.licence.clone(),
        attribution: layer.attribution.clone(),
    };
    let measured = Measured {
        sites: sites.collect(),
        matrix,
        inputs: catalogue.layers().iter().map(input).collect(),
        dropped: Vec::new(),
        units: std::collections::BTreeMap::new(),
        warnings: vec![Warning::general(
            "made_for_a_test",
            "These measures were made for a test.",
        )],
    };
    Ok(measured.into())
}
