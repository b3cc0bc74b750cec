//! Persons with accounts: how they come in, what each role may do at every address, how phones are enrolled. All persons are illustrative.

use axum::http::Method;
use jiff::Timestamp;
use phteah_server::http::limits::{Limits as Rates, Rate};
use phteah_server::partner::state::PartnerOptions;
use phteah_store::{KeyScope, NewAccount, Reach, Right, Role, code_at, reach};

use crate::common::{self, Answer, json_post};
use crate::house::House;
use crate::review::{REVIEWED, filled};

const PASSWORD: &str = "three wet ducks";
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const JSON: (&str, &str) = ("content-type", "application/json");

fn entropy<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).unwrap();
    bytes
}

/// Makes an account and answers the address of its link.
fn link(house: &House, name: &str, roles: &[Role]) -> String {
    let root = house.store.command_line();
    if house.store.teams(&root).unwrap().is_empty() {
        let area = "everywhere".parse().unwrap();
        house
            .store
            .add_team(&root, "North", &area, &entropy(), "", Timestamp::now())
            .unwrap();
    }
    let new = NewAccount {
        name,
        roles,
        teams: &["North"],
    };
    let (_, link) = house
        .store
        .add_account(&root, &new, &entropy(), "", Timestamp::now())
        .unwrap();
    format!("/welcome/{}", link.expose())
}

fn cookie(answer: &Answer) -> String {
    answer.header("set-cookie").split(';').next().unwrap().to_owned()
}

fn text(answer: &Answer) -> String {
    String::from_utf8_lossy(&answer.body).into_owned()
}

/// Chooses a password behind a link, with a code where the page asks for one. Answers the session's cookie.
async fn enter(house: &House, link: &str) -> String {
    let secret = house
        .store
        .welcome(link.rsplit('/').next().unwrap(), Timestamp::now())
        .unwrap()
        .code_secret;
    let code = secret.map_or(String::new(), |secret| {
        code_at(&secret, Timestamp::now()).unwrap()
    });
    let password = PASSWORD.replace(' ', "+");
    let body = format!("password={password}&again={password}&code={code}");
    let answer = house.send(Method::POST, link, &[FORM], body).await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("location")),
        (303, "/account"),
        "{}",
        text(&answer)
    );
    cookie(&answer)
}

async fn person(house: &House, name: &str, roles: &[Role]) -> String {
    enter(house, &link(house, name, roles)).await
}

#[tokio::test]
async fn who_changes_a_scenario_is_in_the_audit() {
    let house = House::walled();
    let session = person(&house, "Sok Dara", &[Role::Planner]).await;
    let root = house.store.command_line();
    let new = phteah_store::NewKey {
        name: "nightly",
        scope: KeyScope::Team,
        expires_at: Timestamp::now() + jiff::SignedDuration::from_hours(1),
    };
    let key = house
        .store
        .add_key(&root, &new, &entropy(), "", Timestamp::now())
        .unwrap();
    let bearer = format!("Bearer {}", key.expose());
    let body = serde_json::json!({"scenario": common::scenario()}).to_string();
    for who in [("cookie", session.as_str()), ("authorization", bearer.as_str())] {
        let kept = house
            .send(
                Method::PUT,
                "/api/scenarios/mine",
                &[JSON, who, ("if-none-match", "*")],
                body.clone(),
            )
            .await;
        assert_eq!(kept.status, 200, "{}", text(&kept));
        let version = format!("\"{}\"", kept.json()["version"].as_str().unwrap());
        let seen = [who, ("if-match", version.as_str())];
        let gone = house.ask(Method::DELETE, "/api/scenarios/mine", &seen).await;
        assert_eq!(gone.status, 204, "{}", text(&gone));
    }
    let account = house.store.accounts(&root).unwrap()[0].id.to_string();
    let rows = house.store.audit(&root, None, 1000).unwrap();
    let mut told: Vec<(&str, &str, bool)> = rows
        .iter()
        .filter(|row| row.subject == "scenario mine")
        .map(|row| {
            (
                row.what.as_str(),
                row.who.split(' ').next().unwrap(),
                row.who.ends_with(&account),
            )
        })
        .collect();
    told.sort_unstable();
    assert_eq!(
        told,
        [
            ("scenario_removed", "account", true),
            ("scenario_removed", "key", false),
            ("scenario_saved", "account", true),
            ("scenario_saved", "key", false),
        ]
    );
}

async fn sign_in(house: &House, name: &str, password: &str, more: &[(&str, &str)]) -> Answer {
    let body = format!(
        "name={}&password={}&code=&at=/",
        name.replace(' ', "+"),
        password.replace(' ', "+")
    );
    let mut headers = vec![FORM];
    headers.extend(more);
    house.send(Method::POST, "/sign-in", &headers, body).await
}

#[tokio::test]
async fn a_person_comes_in_by_a_link_then_by_name_and_password() {
    let house = House::walled();
    let link = link(&house, "Sok Dara", &[Role::Planner]);
    let page = house.get(&link).await;
    assert_eq!(page.status, 200);
    assert_eq!(page.header("cache-control"), "no-store");
    let shown = text(&page);
    assert!(shown.contains("Sok Dara") && shown.contains("ពាក្យសម្ងាត់ថ្មី") && shown.contains("New password"));
    assert!(!shown.contains("<svg"), "{shown}");
    // The address holds the link: no other site is told it. Under "no-referrer" a browser would send its forms with "Origin: null".
    assert_eq!(page.header("referrer-policy"), "same-origin");
    assert!(!shown.contains("referrer"), "{shown}");
    // Mistakes are told and use nothing up.
    for (password, again, said) in [
        ("three+wet+ducks", "three+wet+geese", "not the same"),
        ("short", "short", "ten characters"),
        ("qwertyuiop", "qwertyuiop", "Many people"),
        ("Sok+Dara+12", "Sok+Dara+12", "close to your name"),
    ] {
        let body = format!("password={password}&again={again}");
        let answer = house.send(Method::POST, &link, &[FORM], body).await;
        assert_eq!(answer.status, 400);
        assert!(text(&answer).contains(said), "{said}");
    }
    let evil = [FORM, ("origin", "https://evil.example")];
    house
        .send(Method::POST, &link, &evil, "password=x&again=x")
        .await
        .is_error(403, "wrong_origin");
    let session = enter(&house, &link).await;
    let with = [("cookie", session.as_str())];
    assert_eq!(house.get(&link).await.status, 404);
    assert_eq!(house.ask(Method::GET, "/api/layers", &with).await.status, 200);
    let me = house.ask(Method::GET, "/api/me", &with).await.json();
    assert_eq!(
        (&me["name"], &me["roles"], &me["may_change_plans"]),
        (&"Sok Dara".into(), &serde_json::json!(["planner"]), &true.into())
    );
    let account = text(&house.ask(Method::GET, "/account", &with).await);
    assert!(
        account.contains("Sok Dara") && account.contains("Sign out everywhere"),
        "{account}"
    );
    assert!(
        account.contains("href=\"/desk\""),
        "a planner prepares releases there"
    );

    let wrong = sign_in(&house, "Sok Dara", "three wet geese", &[]).await;
    assert_eq!(wrong.status, 401);
    let nobody = sign_in(&house, "Nobody", PASSWORD, &[]).await;
    assert_eq!(
        text(&wrong).replace("Sok Dara", "NAME"),
        text(&nobody).replace("Nobody", "NAME"),
        "which of them is wrong is not told"
    );
    let agent = ("user-agent", "Firefox <b>on Android</b>");
    let again = sign_in(&house, "sok dara", PASSWORD, &[agent]).await;
    assert_eq!((again.status.as_u16(), again.header("location")), (303, "/"));
    for word in ["HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(again.header("set-cookie").contains(word));
    }
    assert!(
        !again.header("set-cookie").contains("Secure"),
        "there is no https here"
    );
    let second = cookie(&again);
    let second = [("cookie", second.as_str())];
    let page = text(&house.ask(Method::GET, "/account", &second).await);
    assert!(page.contains("Firefox &lt;b&gt;on Android"), "{page}");

    // The other browser is signed out by itself, then this one with all.
    let other = page
        .split("/account/sessions/")
        .nth(1)
        .unwrap()
        .split('/')
        .next()
        .unwrap();
    let end = format!("/account/sessions/{other}/end");
    house
        .send(Method::POST, &end, &[], "")
        .await
        .is_error(401, "sign_in");
    assert_eq!(house.send(Method::POST, &end, &second, "").await.status, 303);
    house
        .ask(Method::GET, "/api/layers", &with)
        .await
        .is_error(401, "sign_in");
    house
        .send(Method::POST, &end, &second, "")
        .await
        .is_error(404, "not_found");
    let out = house
        .send(Method::POST, "/account/sign-out-everywhere", &second, "")
        .await;
    assert_eq!(out.status, 303);
    assert!(out.header("set-cookie").contains("Max-Age=0"));
    house
        .ask(Method::GET, "/api/layers", &second)
        .await
        .is_error(401, "sign_in");
    let third = cookie(&sign_in(&house, "Sok Dara", PASSWORD, &[]).await);
    let third = [("cookie", third.as_str())];
    house.send(Method::POST, "/sign-out", &third, "").await;
    assert_eq!(house.ask(Method::GET, "/account", &third).await.status, 401);
}

#[tokio::test]
async fn over_https_the_cookie_goes_over_nothing_else() {
    let house = House::with(PartnerOptions {
        public_url: Some("https://data.example.org".to_owned()),
        ..PartnerOptions::default()
    });
    let link = link(&house, "Sok Dara", &[Role::Planner]);
    enter(&house, &link).await;
    let answer = sign_in(&house, "Sok Dara", PASSWORD, &[]).await;
    assert!(answer.header("set-cookie").ends_with("; Secure"));
}

#[tokio::test]
async fn roles_that_read_people_set_up_codes() {
    let house = House::walled();
    let link = link(&house, "Chan Thy", &[Role::Coordinator]);
    let page = text(&house.get(&link).await);
    assert!(page.contains("<svg") && page.contains("authenticator"), "{page}");
    let body = "password=three+wet+ducks&again=three+wet+ducks&code=000000";
    let wrong = house.send(Method::POST, &link, &[FORM], body).await;
    assert!(wrong.status == 400 && text(&wrong).contains("clock"));
    enter(&house, &link).await;
    let answer = sign_in(&house, "Chan Thy", PASSWORD, &[]).await;
    assert_eq!(answer.status, 401);
    assert!(text(&answer).contains("Enter the six digits"));
}

#[tokio::test]
async fn guessing_at_one_account_keeps_nobody_else_out() {
    let rate = Rate {
        burst: 3.0,
        per_second: 0.001,
    };
    let house = House::with(PartnerOptions {
        limits: Rates {
            wrong_keys: rate,
            ..Rates::default()
        },
        trusted_proxies: vec!["0.0.0.0".parse().unwrap()],
        ..PartnerOptions::default()
    });
    person(&house, "Sok Dara", &[Role::Planner]).await;
    person(&house, "Keo Neary", &[Role::Planner]).await;
    let from = |ip: &'static str| [("x-forwarded-for", ip)];
    for _ in 0..3 {
        let wrong = sign_in(&house, "Sok Dara", "three wet geese", &from("203.0.113.1")).await;
        assert_eq!(wrong.status, 401);
    }
    // Even the right one waits, else the wait would tell.
    let waits = sign_in(&house, "SOK DARA", PASSWORD, &from("203.0.113.1")).await;
    assert_eq!(waits.status, 429);
    assert!(text(&waits).contains("Too many attempts"));
    // No other way of writing the name gets round the wait: signs that are not seen, wide letters.
    for same in ["S\u{200b}ok Dara", "Sok\u{2060} Dara", "\u{ff33}ok  Dara"] {
        let waits = sign_in(&house, same, PASSWORD, &from("203.0.113.1")).await;
        assert_eq!(waits.status, 429, "{same:?}");
    }
    // Neither the colleague behind the same address nor the owner elsewhere.
    assert_eq!(
        sign_in(&house, "Keo Neary", PASSWORD, &from("203.0.113.1"))
            .await
            .status,
        303
    );
    assert_eq!(
        sign_in(&house, "Sok Dara", PASSWORD, &from("203.0.113.2"))
            .await
            .status,
        303
    );
}

/// Who is let in at an address.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Door {
    /// Everybody; what they see is another test's matter.
    Anybody,
    /// Whoever is signed in.
    SignedIn,
    /// Whoever has the right, to all of it.
    With(Right),
    /// A person whose right goes some way; what lies further is as what does not exist.
    PersonWith(Right),
    /// Enrolled phones alone.
    Device,
    /// Persons who have signed in and have one of these rights, however far it goes: at the desk no key opens anything.
    Desk(&'static [Right]),
    /// Phones with ODK Collect alone, by the token in the address.
    Token,
}

/// Every address of the program, with each method that it knows.
const DOORS: &[(&str, &str, Door)] = &[
    ("GET", "/data", Door::Anybody),
    ("GET", "/data/", Door::Anybody),
    ("GET", "/data/style.css", Door::Anybody),
    ("GET", "/data/khmer-400.woff2", Door::Anybody),
    ("GET", "/data/khmer-600.woff2", Door::Anybody),
    ("GET", "/data/{name}", Door::Anybody),
    ("GET", "/data/{name}/tiles.json", Door::Anybody),
    ("GET", "/data/{name}/tiles/{z}/{x}/{y}", Door::Anybody),
    ("GET", "/data/{name}/map.svg", Door::Anybody),
    ("GET", "/data/{name}/changes", Door::Anybody),
    ("GET", "/ogc", Door::Anybody),
    ("GET", "/ogc/", Door::Anybody),
    ("GET", "/ogc/conformance", Door::Anybody),
    ("GET", "/ogc/api", Door::Anybody),
    ("GET", "/ogc/api.html", Door::Anybody),
    ("GET", "/ogc/collections", Door::Anybody),
    ("GET", "/ogc/collections/{id}", Door::Anybody),
    ("GET", "/ogc/collections/{id}/queryables", Door::Anybody),
    ("GET", "/ogc/collections/{id}/items", Door::Anybody),
    ("GET", "/ogc/collections/{id}/items/{feature}", Door::Anybody),
    ("GET", "/health", Door::Anybody),
    ("GET", "/sign-in", Door::Anybody),
    ("POST", "/sign-in", Door::Anybody),
    ("GET", "/sign-in.js", Door::Anybody),
    ("GET", "/welcome/{link}", Door::Anybody),
    ("POST", "/welcome/{link}", Door::Anybody),
    ("GET", "/api/me", Door::Anybody),
    ("POST", "/api/field/enrol", Door::Anybody),
    ("GET", "/api/field/setup", Door::Device),
    ("GET", "/api/field/packs/{id}/{file}", Door::Device),
    ("GET", "/api/field/lists/{name}", Door::Device),
    ("GET", "/odk/key/{token}/formList", Door::Token),
    (
        "GET",
        "/odk/key/{token}/forms/{id}/{version}/form.xml",
        Door::Token,
    ),
    (
        "GET",
        "/odk/key/{token}/forms/{id}/{version}/manifest",
        Door::Token,
    ),
    (
        "GET",
        "/odk/key/{token}/forms/{id}/{version}/media/{name}",
        Door::Token,
    ),
    ("GET", "/odk/key/{token}/lists/{name}", Door::Token),
    ("GET", "/odk/key/{token}/integrity/{list}", Door::Token),
    ("GET", "/odk/key/{token}/submission", Door::Token),
    ("POST", "/odk/key/{token}/submission", Door::Token),
    ("GET", "/api/field/forms/{id}/{version}/form.xml", Door::Device),
    (
        "GET",
        "/api/field/forms/{id}/{version}/media/{name}",
        Door::Device,
    ),
    ("POST", "/api/field/events", Door::Device),
    ("GET", "/api/field/changes", Door::Device),
    ("PATCH", "/api/field/files/{sha256}", Door::Device),
    ("GET", "/field", Door::Anybody),
    ("GET", "/field/", Door::Anybody),
    ("GET", "/field/{*path}", Door::Anybody),
    ("GET", "/assets/{*path}", Door::Anybody),
    ("GET", "/favicon.svg", Door::Anybody),
    ("GET", "/favicon.ico", Door::Anybody),
    ("GET", "/devices", Door::PersonWith(Right::ManageDevices)),
    ("POST", "/devices/code", Door::PersonWith(Right::ManageDevices)),
    (
        "POST",
        "/devices/{id}/revoke",
        Door::PersonWith(Right::ManageDevices),
    ),
    (
        "GET",
        "/api/desk/setup",
        Door::Desk(&[Right::SeeCaseDecisions, Right::PrepareReleases]),
    ),
    ("GET", "/api/desk/today", Door::Desk(&[Right::SeeCaseDecisions])),
    (
        "POST",
        "/api/desk/households",
        Door::Desk(&[Right::SeeCaseDecisions]),
    ),
    (
        "GET",
        "/api/desk/households/sites",
        Door::Desk(&[Right::SeeCaseDecisions]),
    ),
    (
        "GET",
        "/api/desk/households/{household}",
        Door::Desk(&[Right::SeeCaseDecisions]),
    ),
    (
        "PUT",
        "/api/desk/households/{household}/given",
        Door::Desk(&[Right::DecideCases]),
    ),
    (
        "PUT",
        "/api/desk/households/{household}/hidden",
        Door::Desk(&[Right::ReadProtected]),
    ),
    (
        "GET",
        "/api/desk/households/{household}/audit",
        Door::Desk(&[Right::DecideCases]),
    ),
    (
        "GET",
        "/api/desk/households/{household}/map.svg",
        Door::Desk(&[Right::SeeCaseDecisions]),
    ),
    ("POST", "/api/desk/events", Door::Desk(&[Right::SeeCaseDecisions])),
    (
        "GET",
        "/api/desk/quarantine",
        Door::Desk(&[Right::SeeCaseDecisions]),
    ),
    (
        "POST",
        "/api/desk/quarantine/{entry}",
        Door::Desk(&[Right::DecideCases]),
    ),
    (
        "GET",
        "/api/desk/decisions",
        Door::Desk(&[Right::SeeCaseDecisions]),
    ),
    ("POST", "/api/desk/placements", Door::Desk(&[Right::DecideCases])),
    ("POST", "/api/desk/sheets", Door::Desk(&[Right::SeeCaseDecisions])),
    (
        "GET",
        "/api/desk/outcomes",
        Door::Desk(&[Right::SeeCaseDecisions, Right::PrepareReleases]),
    ),
    ("GET", "/api/desk/releases", Door::Desk(&[Right::PrepareReleases])),
    (
        "POST",
        "/api/desk/releases",
        Door::Desk(&[Right::PrepareReleases]),
    ),
    (
        "GET",
        "/api/desk/releases/{release}",
        Door::Desk(&[Right::PrepareReleases]),
    ),
    (
        "GET",
        "/api/desk/releases/{release}/tables/{table}",
        Door::Desk(&[Right::PrepareReleases]),
    ),
    (
        "POST",
        "/api/desk/releases/{release}/audit",
        Door::Desk(&[Right::PrepareReleases]),
    ),
    (
        "POST",
        "/api/desk/releases/{release}/confirm",
        Door::Desk(&[Right::PrepareReleases]),
    ),
    (
        "PUT",
        "/api/desk/releases/{release}/audience",
        Door::Desk(&[Right::PrepareReleases]),
    ),
    (
        "POST",
        "/api/desk/releases/{release}/withdraw",
        Door::Desk(&[Right::PrepareReleases]),
    ),
    ("POST", "/api/desk/counts", Door::Desk(&[Right::PrepareReleases])),
    (
        "GET",
        "/desk",
        Door::Desk(&[
            Right::SeeCaseDecisions,
            Right::PrepareReleases,
            Right::ProposePlacements,
        ]),
    ),
    (
        "GET",
        "/api/desk/tasks",
        Door::Desk(&[Right::SeeCaseDecisions, Right::ProposePlacements]),
    ),
    (
        "POST",
        "/api/desk/tasks",
        Door::Desk(&[Right::DecideCases, Right::ProposePlacements]),
    ),
    (
        "PUT",
        "/api/desk/tasks/{task}",
        Door::Desk(&[Right::DecideCases, Right::ProposePlacements]),
    ),
    (
        "GET",
        "/api/desk/tasks/{task}/files/{hash}",
        Door::Desk(&[Right::SeeCaseDecisions, Right::ProposePlacements]),
    ),
    ("GET", "/api/field/tasks", Door::Device),
    ("GET", "/account", Door::SignedIn),
    ("GET", "/account/password", Door::SignedIn),
    ("POST", "/account/password", Door::SignedIn),
    ("POST", "/account/sessions/{id}/end", Door::SignedIn),
    ("GET", "/api/openapi.json", Door::With(Right::SeePlans)),
    ("GET", "/api/deployment", Door::With(Right::SeePlans)),
    ("GET", "/api/layers", Door::With(Right::SeePlans)),
    ("GET", "/api/work", Door::With(Right::SeePlans)),
    ("GET", "/api/scenarios", Door::With(Right::SeePlans)),
    ("GET", "/api/scenarios/{name}", Door::With(Right::SeePlans)),
    ("PUT", "/api/scenarios/{name}", Door::With(Right::ChangePlans)),
    ("DELETE", "/api/scenarios/{name}", Door::With(Right::ChangePlans)),
    ("GET", "/api/scenarios/{name}/plots", Door::With(Right::SeePlans)),
    (
        "PUT",
        "/api/scenarios/{name}/plots",
        Door::With(Right::ChangePlans),
    ),
    ("POST", "/api/rankings", Door::With(Right::SeePlans)),
    ("GET", "/api/rankings/{id}", Door::With(Right::SeePlans)),
    ("GET", "/api/rankings/{id}/sites", Door::With(Right::SeePlans)),
    (
        "GET",
        "/api/rankings/{id}/sites/{site}",
        Door::With(Right::SeePlans),
    ),
    ("GET", "/api/rankings/{id}/matrix", Door::With(Right::SeePlans)),
    (
        "GET",
        "/api/rankings/{id}/sites/{site}/flood",
        Door::With(Right::SeePlans),
    ),
    (
        "GET",
        "/api/rankings/{id}/sites/{site}/routes",
        Door::With(Right::SeePlans),
    ),
    ("POST", "/api/rankings/{id}/drawn", Door::With(Right::SeePlans)),
    ("GET", "/api/rankings/{id}/download", Door::With(Right::SeePlans)),
    (
        "POST",
        "/api/rankings/{id}/record",
        Door::With(Right::ChangePlans),
    ),
    ("GET", "/api/here", Door::With(Right::SeePlans)),
    ("GET", "/api/settlements", Door::With(Right::SeePlans)),
    ("GET", "/api/streets", Door::With(Right::SeePlans)),
    ("GET", "/api/rankings/{id}/methods", Door::With(Right::SeePlans)),
    ("GET", "/api/rankings/{id}/unknowns", Door::With(Right::SeePlans)),
    (
        "GET",
        "/api/rankings/{id}/robustness",
        Door::With(Right::SeePlans),
    ),
    ("GET", "/api/rankings/{id}/compare", Door::With(Right::SeePlans)),
    ("GET", "/tiles/sites/{z}/{x}/{y}", Door::With(Right::SeePlans)),
    ("GET", "/tiles/{layer}/{z}/{x}/{y}", Door::With(Right::SeePlans)),
    // These end the session that asks: last.
    ("POST", "/account/sign-out-everywhere", Door::SignedIn),
    ("POST", "/sign-out", Door::Anybody),
];

#[tokio::test]
async fn every_address_lets_in_whom_the_table_says() {
    for (route, ..) in REVIEWED {
        assert!(
            DOORS.iter().any(|(_, door, _)| door == route),
            "{route} is new: say in DOORS whom each of its methods lets in"
        );
    }
    let house = House::walled();
    let team = house.key("team", KeyScope::Team);
    let partner = house.key("partner", KeyScope::EveryPartnerLayer);
    let mut callers = vec![
        ("stranger".to_owned(), None, String::new()),
        ("a key of the team".to_owned(), None, format!("Bearer {team}")),
        ("a partner's key".to_owned(), None, format!("Bearer {partner}")),
    ];
    for role in Role::ALL {
        callers.push((
            role.to_string(),
            Some(role),
            person(&house, role.as_str(), &[role]).await,
        ));
    }
    let mut compared = 0;
    // Guessing tokens slows the address down, for other doors as well: those come last.
    let (tokens, others): (Vec<_>, Vec<_>) = DOORS.iter().partition(|(_, _, door)| *door == Door::Token);
    let asked = [others, tokens];
    let asked = asked
        .iter()
        .flat_map(|doors| callers.iter().map(move |caller| (caller, doors)));
    for ((name, role, proof), doors) in asked {
        for (method, route, door) in doors {
            let mut headers = vec![JSON];
            match (proof.is_empty(), role) {
                (true, _) => {}
                (false, None) => headers.push(("authorization", proof)),
                (false, Some(_)) => headers.push(("cookie", proof)),
            }
            let path = filled(route, "settlements").replace("{link}", "0");
            let method: Method = method.parse().unwrap();
            let answer = house.send(method.clone(), &path, &headers, "{}").await;
            let code = serde_json::from_slice::<serde_json::Value>(&answer.body)
                .ok()
                .and_then(|json| json["error"]["code"].as_str().map(str::to_owned));
            let refused = match (answer.status.as_u16(), code.as_deref()) {
                (401, _) if *route != "/sign-in" => Some(401),
                (403, Some("no_right")) => Some(403),
                // So many doors refuse the same proof one after the other that the address is slowed down.
                (429, Some("too_often")) if *door == Door::Device => Some(401),
                _ => None,
            };
            if *door == Door::Token {
                // Whatever else somebody has: the address needs a token, and guessing one is slowed down.
                assert!(
                    [403, 429].contains(&answer.status.as_u16()),
                    "{name}: {method} {path}"
                );
            }
            let expected = match (door, role, name.as_str()) {
                (Door::Token | Door::Anybody, ..)
                | (Door::SignedIn, Some(_), _)
                | (Door::With(_), None, "a key of the team") => None,
                (Door::With(right), Some(role), _) if reach(*role, *right) == Some(Reach::All) => None,
                (Door::PersonWith(right), Some(role), _) if reach(*role, *right).is_some() => None,
                (Door::Desk(rights), Some(role), _)
                    if rights.iter().any(|right| reach(*role, *right).is_some()) =>
                {
                    None
                }
                (Door::With(_) | Door::PersonWith(_) | Door::Desk(_), Some(_), _) => Some(403),
                _ => Some(401),
            };
            assert_eq!(refused, expected, "{name}: {method} {path} {code:?}");
            compared += 1;
        }
    }
    assert_eq!(compared, DOORS.len() * 9);
}

#[tokio::test]
async fn what_a_person_sees_of_layers_follows_from_the_role() {
    let house = House::walled();
    // Parcels are public, services are shown to partners, settlements to nobody outside.
    for (role, partners, internal) in [
        (Role::Administrator, 404, 404),
        (Role::Coordinator, 200, 200),
        (Role::Caseworker, 404, 404),
        (Role::FieldWorker, 404, 404),
        (Role::Planner, 200, 200),
        (Role::Partner, 200, 404),
    ] {
        let session = person(&house, role.as_str(), &[role]).await;
        let with = [("cookie", session.as_str())];
        let status = async |layer: &str| {
            let path = format!("/data/{layer}");
            house.ask(Method::GET, &path, &with).await.status.as_u16()
        };
        assert_eq!(
            (
                status("parcels").await,
                status("services").await,
                status("settlements").await
            ),
            (200, partners, internal),
            "{role}"
        );
    }
    let log = house.store.downloads(None, 100).unwrap();
    assert!(
        log.iter().all(|row| !row.who.contains("planner")),
        "ids, no names"
    );
}

#[tokio::test]
async fn a_person_without_a_right_to_the_map_is_told_so_on_a_page() {
    let house = House::walled();
    let session = person(&house, "Keo Neary", &[Role::FieldWorker]).await;
    let page = [
        ("cookie", session.as_str()),
        ("accept", "text/html"),
        ("sec-fetch-mode", "navigate"),
    ];
    let answer = house.ask(Method::GET, "/", &page).await;
    assert_eq!(answer.status, 403);
    assert!(text(&answer).contains("no right to the map") && text(&answer).contains("គ្មានសិទ្ធិ"));
}

#[tokio::test]
async fn a_phone_is_enrolled_by_a_code() {
    let house = House::walled();
    link(&house, "Keo Neary", &[Role::FieldWorker]);
    let root = house.store.command_line();
    let code = || {
        house
            .store
            .make_device_code(&root, "Keo Neary", None, &entropy(), "", Timestamp::now())
            .unwrap()
    };
    let enrol = async |body: serde_json::Value| {
        common::ask(
            house.router.clone(),
            json_post("/api/field/enrol", body.to_string()),
        )
        .await
    };
    let first = code();
    let body = serde_json::json!({"code": first.expose(), "device_name": "phone 7"});
    let answer = enrol(body.clone()).await;
    assert_eq!(answer.status, 200);
    assert!(
        answer.header("cache-control").contains("private")
            || answer.header("cache-control").contains("no-store")
    );
    let json = answer.json();
    assert_eq!(
        (&json["worker"]["name"], &json["team"]["name"]),
        (&"Keo Neary".into(), &"North".into())
    );
    for field in ["token", "device", "lease_until", "server_time"] {
        assert!(json[field].is_string(), "{field}: {json}");
    }
    let token = json["token"].as_str().unwrap();
    assert!(house.store.device_contact(token, Timestamp::now()).is_ok());
    enrol(body).await.is_error(403, "bad_code");
    for wrong in ["", "K7QF", &"0".repeat(16), &"x".repeat(100_000), "ផ្ទះ"] {
        enrol(serde_json::json!({"code": wrong, "device_name": "p"}))
            .await
            .is_error(403, "bad_code");
    }
    let second = code();
    for name in ["", "a\nb", &"x".repeat(101)] {
        enrol(serde_json::json!({"code": second.expose(), "device_name": name}))
            .await
            .is_error(400, "bad_parameter");
    }
    enrol(serde_json::json!({"code": second.expose()}))
        .await
        .is_error(400, "bad_json");
    enrol(serde_json::json!({"code": 7, "device_name": "p"}))
        .await
        .is_error(400, "bad_json");
    // The refused ones have not used it up.
    assert_eq!(
        enrol(serde_json::json!({"code": second.expose(), "device_name": "p"}))
            .await
            .status,
        200
    );
    // A phone's token opens nothing but its own part.
    let bearer = format!("Bearer {token}");
    house
        .ask(Method::GET, "/api/layers", &[("authorization", &bearer)])
        .await
        .is_error(401, "bad_key");
}

#[tokio::test]
async fn guessing_codes_is_slowed_down() {
    let rate = Rate {
        burst: 3.0,
        per_second: 0.001,
    };
    let house = House::with(PartnerOptions {
        limits: Rates {
            wrong_keys: rate,
            ..Rates::default()
        },
        ..PartnerOptions::default()
    });
    let body = serde_json::json!({"code": "0000-0000-0000-0000", "device_name": "p"}).to_string();
    let mut seen = Vec::new();
    for _ in 0..5 {
        let request = json_post("/api/field/enrol", body.clone());
        seen.push(common::ask(house.router.clone(), request).await.status.as_u16());
    }
    assert_eq!(seen, [403, 403, 403, 429, 429]);
    // Whoever guesses at one code keeps nobody from another.
    let body = serde_json::json!({"code": "1111-0000-0000-0000", "device_name": "p"}).to_string();
    let other = common::ask(house.router.clone(), json_post("/api/field/enrol", body)).await;
    assert_eq!(other.status, 403);
}

/// What stands between two pieces of a page.
fn between<'a>(page: &'a str, before: &str, after: &str) -> &'a str {
    let rest = page
        .split(before)
        .nth(1)
        .unwrap_or_else(|| panic!("no {before} in {page}"));
    rest.split(after).next().unwrap()
}

#[tokio::test]
async fn a_coordinator_adds_a_phone_and_refuses_it() {
    let house = House::walled();
    let root = house.store.command_line();
    let session = person(&house, "Chan Thy", &[Role::Coordinator]).await;
    let with = [("cookie", session.as_str()), FORM];
    let empty = text(&house.ask(Method::GET, "/devices", &with).await);
    assert!(empty.contains("No phone has been added yet"), "{empty}");
    link(&house, "Keo Neary", &[Role::FieldWorker]);
    link(&house, "Sok Dara", &[Role::Planner]);
    house
        .store
        .add_team(
            &root,
            "South",
            &"120101".parse().unwrap(),
            &entropy(),
            "",
            Timestamp::now(),
        )
        .unwrap();
    let new = NewAccount {
        name: "Elsewhere",
        roles: &[Role::FieldWorker],
        teams: &["South"],
    };
    let (elsewhere, _) = house
        .store
        .add_account(&root, &new, &entropy(), "", Timestamp::now())
        .unwrap();
    let page = text(&house.ask(Method::GET, "/devices", &with).await);
    assert!(page.contains("Keo Neary · North"), "{page}");
    for other in ["Sok Dara", "Elsewhere"] {
        assert!(!page.contains(other), "{other} is no worker of this team");
    }
    let worker = page
        .split("<option value=\"")
        .find(|option| option.contains("Keo Neary"))
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let answer = house
        .send(Method::POST, "/devices/code", &with, format!("worker={worker}"))
        .await;
    let shown = text(&answer);
    assert_eq!(
        (answer.status.as_u16(), answer.header("cache-control")),
        (200, "no-store")
    );
    assert!(shown.contains("<svg"), "{shown}");
    let code = between(&shown, "<strong><code>", "</code>");
    assert_eq!(code.len(), 19, "{code}");
    let body = serde_json::json!({"code": code, "device_name": "phone 7"}).to_string();
    let enrolled = common::ask(house.router.clone(), json_post("/api/field/enrol", body)).await;
    assert_eq!(enrolled.status, 200);
    let token = enrolled.json()["token"].as_str().unwrap().to_owned();
    // Somebody of another team is as somebody who does not exist; and no page of a stranger asks for a code.
    for worker in [
        format!("{elsewhere}/South"),
        format!("{elsewhere}/North"),
        "nobody".to_owned(),
    ] {
        let refused = house
            .send(Method::POST, "/devices/code", &with, format!("worker={worker}"))
            .await;
        assert_eq!(refused.status, 404, "{worker}");
    }
    let evil = [with[0], FORM, ("origin", "https://evil.example")];
    house
        .send(Method::POST, "/devices/code", &evil, format!("worker={worker}"))
        .await
        .is_error(403, "wrong_origin");
    let page = text(&house.ask(Method::GET, "/devices", &with).await);
    assert!(page.contains("phone 7") && !page.contains("Revoked"), "{page}");
    let revoke = page
        .split("action=\"")
        .map(|rest| rest.split('"').next().unwrap())
        .find(|action| action.ends_with("/revoke"))
        .unwrap();
    let gone = house.send(Method::POST, revoke, &with, "why=lost").await;
    assert_eq!((gone.status.as_u16(), gone.header("location")), (303, "/devices"));
    let page = text(&house.ask(Method::GET, "/devices", &with).await);
    assert!(page.contains("Revoked") && !page.contains("/revoke"), "{page}");
    let bearer = format!("Bearer {token}");
    house
        .ask(Method::GET, "/api/field/setup", &[("authorization", &bearer)])
        .await
        .is_error(403, "device_revoked");
}

#[tokio::test]
async fn the_field_app_comes_without_signing_in_and_may_use_the_camera() {
    let house = House::walled();
    let bundle = phteah_server::bundle::Bundle::embedded();
    for path in ["/field", "/field/", "/field/visits"] {
        let answer = house.get(path).await;
        let body = text(&answer);
        if bundle.get("field.html").is_none() {
            assert_eq!(answer.status, 404, "{path}");
            assert!(body.contains("The field app is not part of this build"), "{body}");
            continue;
        }
        assert_eq!(
            (answer.status.as_u16(), answer.header("cache-control")),
            (200, "no-cache"),
            "{path}"
        );
        let policy = answer.header("content-security-policy");
        assert!(
            policy.contains("script-src 'self' 'wasm-unsafe-eval'"),
            "{policy}"
        );
        assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
        assert!(answer.header("permissions-policy").contains("camera=(self)"));
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        // What the page asks for is to be had by whoever has the page.
        let scripts: Vec<&str> = body
            .split("src=\"")
            .skip(1)
            .map(|rest| rest.split('"').next().unwrap())
            .collect();
        assert!(!scripts.is_empty(), "{body}");
        for script in scripts {
            let script = house.get(script).await;
            assert_eq!(script.status, 200);
            assert!(script.header("cache-control").contains("immutable"));
        }
    }
    // Everywhere else the camera stays shut.
    assert!(
        house
            .get("/sign-in")
            .await
            .header("permissions-policy")
            .contains("camera=()")
    );
    house
        .get("/field/no-such-file.js")
        .await
        .is_error(404, "not_found");
    house
        .get("/assets/no-such-file.js")
        .await
        .is_error(404, "not_found");
    house
        .get("/field/..%2findex.html")
        .await
        .is_error(404, "not_found");
}

/// A browser takes the headers of "not modified" over into what it keeps: one that differs would take a page's rights away.
#[tokio::test]
async fn not_modified_says_of_a_page_what_the_page_said() {
    let house = House::walled();
    if phteah_server::bundle::Bundle::embedded()
        .get("field.html")
        .is_none()
    {
        return;
    }
    let page = text(&house.get("/field").await);
    let asset = page.split("src=\"").nth(1).unwrap().split('"').next().unwrap();
    let mut pages = vec![
        "/field",
        "/field/visits",
        "/field/sw.js",
        "/field/manifest.webmanifest",
        asset,
    ];
    pages.extend(["/", "/desk", "/data", "/data/style.css", "/favicon.svg"]);
    let mut tagged = 0;
    for path in pages {
        let whole = house.get(path).await;
        if whole.header("etag").is_empty() {
            continue;
        }
        tagged += 1;
        let again = [("if-none-match", whole.header("etag"))];
        let same = house.ask(Method::GET, path, &again).await;
        assert_eq!(same.status, 304, "{path}");
        for (name, value) in &whole.headers {
            let name = name.as_str();
            let is_of_the_body = ["content-length", "content-type", "content-encoding"].contains(&name);
            // What the answer that is kept has, and the later one does not name, stays.
            if !is_of_the_body && name != "x-request-id" && same.headers.contains_key(name) {
                assert_eq!(same.headers.get(name), Some(value), "{path}: {name}");
            }
        }
        assert_eq!(
            same.header("content-security-policy"),
            whole.header("content-security-policy"),
            "{path}"
        );
    }
    assert!(tagged >= 5, "only {tagged} of the pages bear a tag");
}

#[tokio::test]
async fn a_person_changes_the_password_and_keeps_the_codes() {
    let house = House::walled();
    let link = link(&house, "Chan Thy", &[Role::Coordinator]);
    let secret = house
        .store
        .welcome(link.rsplit('/').next().unwrap(), Timestamp::now())
        .unwrap()
        .code_secret
        .unwrap();
    let session = enter(&house, &link).await;
    let with = [("cookie", session.as_str()), FORM];
    let page = text(&house.ask(Method::GET, "/account/password", &with).await);
    assert!(
        page.contains("Password of today") && page.contains("Chan Thy"),
        "{page}"
    );
    for (current, new, again, said) in [
        (
            "three+wet+geese",
            "four+dry+ducks",
            "four+dry+ducks",
            "of today is wrong",
        ),
        (
            "three+wet+ducks",
            "four+dry+ducks",
            "four+dry+geese",
            "not the same",
        ),
        ("three+wet+ducks", "short", "short", "ten characters"),
        (
            "three+wet+ducks",
            "Chan+Thy+1234",
            "Chan+Thy+1234",
            "close to your name",
        ),
    ] {
        let body = format!("current={current}&password={new}&again={again}");
        let answer = house.send(Method::POST, "/account/password", &with, body).await;
        assert_eq!(answer.status, 400, "{said}");
        assert!(text(&answer).contains(said), "{said}");
    }
    // Another browser is signed in too: with a code of the next half minute, since each opens once.
    let later = Timestamp::now() + jiff::SignedDuration::from_secs(30);
    let code = code_at(&secret, later);
    let other = phteah_store::SignIn {
        name: "Chan Thy",
        password: PASSWORD,
        code: code.as_deref(),
        client: "another browser",
    };
    let other = house.store.sign_in(&other, &entropy(), later).unwrap();
    let body = "current=three+wet+ducks&password=four+dry+ducks&again=four+dry+ducks";
    let changed = house.send(Method::POST, "/account/password", &with, body).await;
    assert_eq!(
        (changed.status.as_u16(), changed.header("location")),
        (303, "/account")
    );
    assert!(
        house.store.signed_in(other.expose(), later).unwrap().is_none(),
        "the other one has ended"
    );
    assert_eq!(
        house.ask(Method::GET, "/account", &with).await.status,
        200,
        "this one goes on"
    );
    let sign_in = |password: &'static str, at: Timestamp| {
        let code = code_at(&secret, at);
        let sent = phteah_store::SignIn {
            name: "Chan Thy",
            password,
            code: code.as_deref(),
            client: "later",
        };
        house.store.sign_in(&sent, &entropy(), at)
    };
    let later = later + jiff::SignedDuration::from_secs(30);
    assert!(
        sign_in(PASSWORD, later).is_err(),
        "the former password opens nothing"
    );
    assert!(
        sign_in("four dry ducks", later).is_ok(),
        "the same app gives the codes"
    );
    let audit = house.store.audit(&house.store.command_line(), None, 100).unwrap();
    assert!(audit.iter().any(|row| row.what == "password_changed"));
}
