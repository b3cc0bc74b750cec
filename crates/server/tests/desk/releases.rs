//! Releases at the desk: two people, what a partner sees, who took it, and what is refused.

use phteah_store::Role;
use serde_json::{Value, json};

use crate::House;

const TABLES: [&str; 2] = ["families_by_area", "disability_by_khan"];

/// Two coordinators of all of the city, two planners, and families to count.
struct Team {
    house: House,
    chief: String,
    other: String,
    planner: String,
}

impl Team {
    async fn new(counts: [usize; 3]) -> Self {
        let house = House::new();
        house.team("City", "everywhere");
        let chief = house.person("Chief Illustrative", Role::Coordinator, "City");
        let other = house.person("Other Illustrative", Role::Planner, "City");
        let planner = house.person("Plan Illustrative", Role::Planner, "City");
        // The small city does not have all of them: a home elsewhere would be unknown.
        let sangkats = ["120101", "120102", "120201"];
        let folder = house.dir.path().join("indicators");
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join("places.toml"), format!("sangkats = {sangkats:?}\n")).unwrap();
        for (sangkat, count) in sangkats.iter().zip(counts) {
            house.families(&chief, sangkat, count).await;
        }
        Self {
            house,
            chief,
            other,
            planner,
        }
    }

    async fn prepare(&self, cookie: &str) -> Value {
        let asked = json!({"tables": TABLES, "why": "monthly"});
        let mut all = self.house.post("/api/desk/releases", cookie, asked).await;
        while !all["working"].is_null() {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            all = self.house.get("/api/desk/releases", cookie).await;
        }
        assert!(all["worked"]["code"].is_null(), "{all}");
        all
    }

    async fn refused(
        &self,
        method: &str,
        path: &str,
        cookie: &str,
        body: Value,
        (status, code): (u16, &str),
    ) {
        self.house
            .send(method, path, cookie, body)
            .await
            .is_error(status, code);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[allow(clippy::too_many_lines, reason = "one story, told in its order")]
async fn one_prepares_another_confirms_and_readers_are_known() {
    let team = Team::new([40, 30, 26]).await;
    let house = &team.house;
    let none = house.get("/api/desk/releases", &team.planner).await;
    assert_eq!(
        (&none["releases"], &none["counts"], &none["threshold"]),
        (&json!([]), &Value::Null, &json!(10))
    );
    let all = team.prepare(&team.planner).await;
    assert_eq!(all["worked"]["release"], 1);
    assert_eq!(all["releases"][0]["prepared"]["name"], "Plan Illustrative");
    assert_eq!(all["releases"][0]["state"], "prepared");
    let one = house.get("/api/desk/releases/1", &team.chief).await;
    let (cells, hidden) = (
        one["cells"].as_u64().unwrap(),
        one["cells_hidden"].as_u64().unwrap(),
    );
    assert!(cells > hidden && hidden > 0, "{one}");
    let reasons = one["tables"][0]["hidden_for"].as_array().unwrap();
    let sum: u64 = reasons
        .iter()
        .map(|reason| reason["cells"].as_u64().unwrap())
        .sum();
    assert_eq!(one["tables"][0]["cells_hidden"], sum);
    let table = house
        .get("/api/desk/releases/1/tables/families_by_area", &team.other)
        .await;
    let find = |names: [&str; 2]| {
        let cells = table["cells"].as_array().unwrap();
        cells
            .iter()
            .find(|cell| cell["names"] == json!(names))
            .unwrap()
            .clone()
    };
    let total = "total";
    assert_eq!(find([total; 2])["families"], 96);
    assert_eq!(find(["1201", "120101"])["families"], 40);
    assert!(!table["places"]["120101"]["name_km"].as_str().unwrap().is_empty());
    for cell in table["cells"].as_array().unwrap() {
        assert_eq!(cell["families"].is_null(), !cell["reason"].is_null(), "{cell}");
    }

    // Never by the same person; nothing of it is a layer yet.
    let confirm = "/api/desk/releases/1/confirm";
    team.refused("POST", confirm, &team.planner, json!({}), (403, "no_right"))
        .await;
    let audience = "/api/desk/releases/1/audience";
    let public = json!({"seen_by": "public"});
    team.refused(
        "PUT",
        audience,
        &team.chief,
        public.clone(),
        (400, "bad_parameter"),
    )
    .await;
    let csv = "/data/families_by_area.csv";
    assert_eq!(
        house.send("GET", csv, &team.planner, Value::Null).await.status,
        404
    );
    let one = house
        .post(confirm, &team.chief, json!({"why": "looked at"}))
        .await;
    assert_eq!(one["confirmed"]["name"], "Chief Illustrative");
    let layers: Vec<&Value> = one["layers"].as_array().unwrap().iter().collect();
    assert_eq!(layers.len(), 2);
    assert!(layers.iter().all(|layer| layer["seen_by"] == "internal"));
    // The team sees it, a stranger does not, until somebody says so.
    assert_eq!(
        house.send("GET", csv, &team.planner, Value::Null).await.status,
        200
    );
    assert_eq!(house.send("GET", csv, "", Value::Null).await.status, 404);
    let told = house.send("PUT", audience, &team.chief, public).await;
    assert_eq!(told.status, 200, "{}", told.json());
    let answer = house.send("GET", csv, "", Value::Null).await;
    assert_eq!(answer.status, 200);
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    assert!(
        !text.contains("complementary") && !text.contains("small"),
        "no reasons"
    );

    // Counted again it comes out the same.
    let mut audited = house
        .post("/api/desk/releases/1/audit", &team.other, json!({}))
        .await;
    while !audited["working"].is_null() {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        audited = house.get("/api/desk/releases", &team.other).await;
    }
    assert_eq!(
        (&audited["worked"]["release"], &audited["worked"]["audit"]),
        (&json!(1), &json!("same"))
    );

    // Who withdraws says why, and learns who has it.
    let withdraw = "/api/desk/releases/1/withdraw";
    team.refused(
        "POST",
        withdraw,
        &team.other,
        json!({"why": " "}),
        (400, "bad_parameter"),
    )
    .await;
    let one = house
        .post(withdraw, &team.other, json!({"why": "wrong day"}))
        .await;
    assert_eq!((&one["state"], &one["layers"]), (&json!("withdrawn"), &json!([])));
    let readers = one["readers"].as_array().unwrap();
    assert!(
        readers.iter().any(|reader| reader["who"] == "anyone")
            && readers.iter().any(|reader| reader["name"] == "Plan Illustrative"),
        "{readers:?}"
    );
    assert_eq!(
        house.send("GET", csv, &team.planner, Value::Null).await.status,
        404
    );
    assert_eq!(house.send("GET", csv, "", Value::Null).await.status, 404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[allow(clippy::too_many_lines, reason = "one story, told in its order")]
async fn what_is_refused_says_what_to_do() {
    let team = Team::new([40, 30, 26]).await;
    let house = &team.house;
    let releases = "/api/desk/releases";
    // Nobody but planners and coordinators learns that there is anything.
    for (name, role) in [
        ("Case Illustrative", Role::Caseworker),
        ("Field Illustrative", Role::FieldWorker),
        ("Head Illustrative", Role::Administrator),
        ("Partner Illustrative", Role::Partner),
    ] {
        let cookie = house.person(name, role, "City");
        for path in [releases, "/api/desk/releases/1", "/api/desk/releases/1/tables/x"] {
            team.refused("GET", path, &cookie, Value::Null, (403, "no_right"))
                .await;
        }
        team.refused("POST", "/api/desk/counts", &cookie, json!({}), (403, "no_right"))
            .await;
    }
    // All unknown tables at once, and none at all.
    let asked = json!({"tables": ["gone", "families_by_area", "lost"]});
    let error = house
        .send("POST", releases, &team.planner, asked)
        .await
        .is_error(400, "bad_parameter");
    assert_eq!(error["details"].as_array().unwrap().len(), 2, "{error}");
    for body in [
        json!({"tables": []}),
        json!({"tables": [7]}),
        json!({"table": "x"}),
    ] {
        let answer = house.send("POST", releases, &team.planner, body).await;
        assert_eq!(answer.status, 400);
    }
    // A table that nobody is in.
    let moved = json!({"tables": ["moves_and_stay"]});
    let error = house
        .send("POST", releases, &team.planner, moved)
        .await
        .is_error(409, "release_not_safe");
    assert!(
        error["message"].as_str().unwrap().contains("nobody is counted"),
        "{error}"
    );
    for path in [
        "/api/desk/releases/7",
        "/api/desk/releases/7/tables/families_by_area",
    ] {
        team.refused("GET", path, &team.planner, Value::Null, (404, "not_found"))
            .await;
    }
    team.refused(
        "GET",
        "/api/desk/releases/x",
        &team.planner,
        Value::Null,
        (400, "bad_parameter"),
    )
    .await;
    team.prepare(&team.planner).await;
    team.prepare(&team.planner).await;
    team.refused(
        "GET",
        "/api/desk/releases/1/tables/gone",
        &team.planner,
        Value::Null,
        (404, "not_found"),
    )
    .await;
    let wrong = json!({"seen_by": "all"});
    team.refused(
        "PUT",
        "/api/desk/releases/1/audience",
        &team.chief,
        wrong,
        (400, "bad_parameter"),
    )
    .await;
    // Two at once: the second has to be looked at anew.
    house
        .post("/api/desk/releases/1/confirm", &team.other, json!({}))
        .await;
    team.refused(
        "POST",
        "/api/desk/releases/2/confirm",
        &team.chief,
        json!({}),
        (409, "release_overtaken"),
    )
    .await;
    team.refused(
        "POST",
        "/api/desk/releases/1/confirm",
        &team.chief,
        json!({}),
        (400, "bad_parameter"),
    )
    .await;
    let discarded = house
        .post(
            "/api/desk/releases/2/withdraw",
            &team.planner,
            json!({"why": "late"}),
        )
        .await;
    assert_eq!(discarded["state"], "discarded");
    // Files of tables with mistakes: told, and nothing is prepared.
    let folder = house.dir.path().join("indicators");
    std::fs::write(folder.join("wrong.toml"), "id = \"X\"\nby = [\"nowhere\"]\n").unwrap();
    let all = house.get(releases, &team.planner).await;
    let problem = all["tables_problem"].as_str().unwrap();
    assert!(
        problem.contains("wrong.toml: id:") && problem.contains("by[0]"),
        "{problem}"
    );
    let asked = json!({"tables": TABLES});
    let error = house
        .send("POST", releases, &team.planner, asked)
        .await
        .is_error(400, "bad_parameter");
    assert!(
        error["message"].as_str().unwrap().contains("wrong.toml"),
        "{error}"
    );
    // A breakdown so fine that everything would be hidden.
    std::fs::write(
        folder.join("wrong.toml"),
        "id = \"too_fine\"\ntitle = { en = \"Too fine\", km = \"ក\" }\nabout = { en = \"a\", km = \"ក\" }\nover = \"moved\"\nby = [\"site\", { column = \"tenure\", fact = \"dwelling.tenure\", values = [\"rented\"] }]\n",
    )
    .unwrap();
    let (id, survey) = house.families(&team.chief, "120101", 1).await.remove(0);
    let mut moved = crate::event(&id, "moved", &[&survey]);
    moved["site"] = json!("site-x");
    assert_eq!(house.record(&team.chief, moved).await["status"], "stored");
    house.families(&team.chief, "120102", 12).await;
    let asked = json!({"tables": ["too_fine"]});
    let answer = house.send("POST", releases, &team.planner, asked).await;
    // What takes long is told by the list, once it is done.
    let (code, message) = if answer.status == 200 {
        let mut all = answer.json();
        while !all["working"].is_null() {
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            all = house.get(releases, &team.planner).await;
        }
        (all["worked"]["code"].clone(), all["worked"]["message"].clone())
    } else {
        let error = answer.is_error(409, "release_not_safe");
        (error["code"].clone(), error["message"].clone())
    };
    assert_eq!(code, "release_not_safe");
    assert!(
        message.as_str().unwrap().contains("everything would be hidden"),
        "{message}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_tables_are_counted_nobody_else_counts() {
    let team = Team::new([40, 30, 26]).await;
    let body = json!({"tables": TABLES});
    let (one, other) = tokio::join!(
        team.house
            .send("POST", "/api/desk/releases", &team.planner, body.clone()),
        team.house.send("POST", "/api/desk/releases", &team.chief, body),
    );
    let statuses = [one.status.as_u16(), other.status.as_u16()];
    assert!(statuses.contains(&200), "{statuses:?}");
    for answer in [one, other] {
        if answer.status != 200 {
            let error = answer.is_error(409, "release_busy");
            assert!(error["message"].as_str().unwrap().ends_with('.'), "{error}");
        }
    }
    let counted = team.house.post("/api/desk/counts", &team.chief, json!({})).await;
    assert_eq!(counted["worked"]["is_new"], false, "{counted}");
    assert_eq!(counted["counts"]["tables"].as_array().unwrap().len(), 6);
}

/// Who sees a table is decided by whoever confirms, of what stands there then: not by what somebody else has said meanwhile, nor by what was said before a
/// release was withdrawn; and an old release never takes the place of a newer one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_sees_a_table_of_whom_the_confirmer_did_not_know() {
    let team = Team::new([40, 30, 26]).await;
    let house = &team.house;
    let csv = "/data/families_by_area.csv";
    let stranger = async || house.send("GET", csv, "", Value::Null).await.status.as_u16();
    team.prepare(&team.planner).await;
    house
        .post("/api/desk/releases/1/confirm", &team.chief, json!({}))
        .await;
    house.families(&team.chief, "120101", 12).await;
    team.prepare(&team.planner).await;
    let seen = house.get("/api/desk/releases/2", &team.chief).await;
    let seen_by = json!({"families_by_area": seen["tables"][0]["seen_by"], "disability_by_khan": "internal"});
    assert_eq!(seen_by["families_by_area"], "internal");
    let public = json!({"seen_by": "public"});
    house
        .send(
            "PUT",
            "/api/desk/releases/1/audience",
            &team.other,
            public.clone(),
        )
        .await;
    let confirm = "/api/desk/releases/2/confirm";
    let error = house
        .send("POST", confirm, &team.chief, json!({"seen_by": seen_by}))
        .await
        .is_error(409, "release_overtaken");
    assert!(
        error["message"].as_str().unwrap().contains("is public now"),
        "{error}"
    );
    let seen_by = json!({"families_by_area": "public", "disability_by_khan": "public"});
    let two = house
        .post(confirm, &team.chief, json!({"seen_by": seen_by}))
        .await;
    assert_eq!(two["tables"][0]["layer_of"], 2);

    // To say who sees the first release changes nothing: the second one stands.
    let layer = async || {
        let text = house.send("GET", csv, &team.planner, Value::Null).await;
        String::from_utf8_lossy(&text.body).into_owned()
    };
    let before = layer().await;
    let internal = json!({"seen_by": "internal"});
    let one = house
        .send("PUT", "/api/desk/releases/1/audience", &team.chief, internal)
        .await
        .json();
    assert_eq!(
        (&one["layers"], &one["tables"][0]["layer_of"]),
        (&json!([]), &json!(2))
    );
    assert_eq!((layer().await, stranger().await), (before, 200));

    // Withdrawn: whatever takes its place is seen by the team alone, until somebody says so.
    house
        .post(
            "/api/desk/releases/2/withdraw",
            &team.other,
            json!({"why": "wrong day"}),
        )
        .await;
    house.families(&team.chief, "120102", 12).await;
    team.prepare(&team.planner).await;
    let three = house
        .post("/api/desk/releases/3/confirm", &team.chief, json!({}))
        .await;
    assert_eq!(three["tables"][0]["seen_by"], "internal", "{three}");
    assert_eq!(stranger().await, 404);
    // Prepared before it: it can be confirmed no more, and says so.
    let all = house.get("/api/desk/releases", &team.planner).await;
    assert!(
        all["releases"]
            .as_array()
            .unwrap()
            .iter()
            .all(|one| one["overtaken"] == false)
    );
    team.prepare(&team.planner).await;
    team.prepare(&team.planner).await;
    house
        .post("/api/desk/releases/5/confirm", &team.chief, json!({}))
        .await;
    let four = house.get("/api/desk/releases/4", &team.planner).await;
    assert_eq!(
        (&four["state"], &four["overtaken"]),
        (&json!("prepared"), &json!(true))
    );
}

/// A table becomes a layer of its id: where there is another one of that name, it is told before anything is counted.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_table_has_no_name_of_another_layer() {
    let team = Team::new([40, 30, 26]).await;
    let folder = team.house.dir.path().join("indicators");
    let catalogue = phteah_layers::Catalogue::open(team.house.dir.path()).unwrap();
    let layer = catalogue.layers()[0].name.clone();
    let text = format!(
        "id = \"{layer}\"\ntitle = {{ en = \"a\", km = \"ក\" }}\nabout = {{ en = \"a\", km = \"ក\" }}\nover = \"recorded\"\nby = [\"khan\", {{ column = \"tenure\", fact = \"dwelling.tenure\", values = [\"rented\"] }}]\n"
    );
    std::fs::write(folder.join("own.toml"), text).unwrap();
    let all = team.house.get("/api/desk/releases", &team.planner).await;
    let problem = all["tables_problem"].as_str().unwrap();
    assert!(
        problem.contains(&format!("table {layer} has the name of a layer")),
        "{problem}"
    );
    std::fs::create_dir(folder.join("folder.toml")).unwrap();
    let all = team.house.get("/api/desk/releases", &team.planner).await;
    let problem = all["tables_problem"].as_str().unwrap();
    assert!(
        problem.contains("folder.toml cannot be read: it is a folder"),
        "{problem}"
    );
}
