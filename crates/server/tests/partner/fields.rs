//! A field that is not visible does not exist, on any route and in any file.

use axum::http::Method;

use crate::house::{House, shape};
use crate::review::{OneLayer, REVIEWED, filled};

#[tokio::test]
async fn a_hidden_field_answers_as_an_absent_one_on_every_route() {
    let house = House::walled();
    let (hidden, absent) = ("price_usd_m2", "prise_usd_m2");
    let questions = [
        "?filter=FIELD%20%3E%203",
        "?filter=FIELD%20IS%20NULL",
        "?filter=NOT%20(FIELD%20%3D%201%20OR%20tenure%20%3D%20'x')",
        "?filter=CASEI(FIELD)%20%3D%20'x'",
        "?filter-lang=cql2-json&filter=%7B%22op%22%3A%22isNull%22%2C%22args%22%3A%5B%7B%22property%22%3A%22FIELD%22%7D%5D%7D",
        "?sortby=FIELD",
        "?sortby=-FIELD,tenure",
        "?properties=FIELD",
        "?fields=tenure,FIELD",
        "?FIELD=3",
        "?x=FIELD",
    ];
    let extensions = ["", ".csv", ".geojson", ".geojsonl", ".gpkg", ".fgb", ".parquet"];
    for (route, silence, _) in REVIEWED {
        let OneLayer(_) = silence else { continue };
        for extension in extensions {
            if !extension.is_empty() && *route != "/data/{name}" {
                continue;
            }
            let path = filled(route, "parcels") + extension;
            for question in questions {
                let a = house
                    .ask(
                        Method::GET,
                        &(path.clone() + &question.replace("FIELD", hidden)),
                        &[],
                    )
                    .await;
                let b = house
                    .ask(
                        Method::GET,
                        &(path.clone() + &question.replace("FIELD", absent)),
                        &[],
                    )
                    .await;
                assert_eq!(shape(&a, hidden), shape(&b, absent), "{path}{question}");
            }
            let whole = house.ask(Method::GET, &path, &[]).await;
            let name = hidden.as_bytes();
            assert!(
                !whole.body.windows(name.len()).any(|window| window == name),
                "{path} holds {hidden}"
            );
        }
    }
}

/// Binary files too are read back by somebody else's code.
#[tokio::test]
async fn files_hold_the_visible_fields_only() {
    let house = House::new();
    for extension in ["gpkg", "fgb", "parquet"] {
        let answer = house.get(&format!("/data/parcels.{extension}")).await;
        assert_eq!(answer.status, 200);
        let holds = |word: &str| {
            answer
                .body
                .windows(word.len())
                .any(|window| window == word.as_bytes())
        };
        assert!(holds("tenure") && !holds("price"), "{extension}");
    }
    // Somewhere among the tiles around the middle lie parcels.
    let mut shown = false;
    for (x, y) in (1619..1623).flat_map(|x| (956..960).map(move |y| (x, y))) {
        let tile = house.get(&format!("/data/parcels/tiles/11/{x}/{y}")).await;
        let holds = |word: &str| {
            tile.body
                .windows(word.len())
                .any(|window| window == word.as_bytes())
        };
        assert!(!holds("price"), "{x}/{y}");
        shown |= holds("tenure");
    }
    assert!(shown);
}
