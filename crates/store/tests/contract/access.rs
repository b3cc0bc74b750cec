//! Every rule of who sees what, through the store's own front door.

#![allow(clippy::unwrap_used, reason = "helpers of tests may unwrap as tests do")]

use std::collections::BTreeMap;

use jiff::{Timestamp, ToSpan};
use phteah_store::{
    Download, DownloadTicket, ENTROPY_BYTES, KeyScope, LayerRule, MAX_SESSIONS, NewKey, Outcome,
    SESSION_ENTROPY_BYTES, Store, StoreError, Viewer, Visibility,
};
use proptest::prelude::*;

use super::place;
use crate::place::{Place, holds};

const FIELDS: [&str; 4] = ["tenure", "price", "owner_note", "new_column"];

fn now() -> Timestamp {
    "2026-03-01T08:00:00Z".parse().unwrap()
}

fn entropy(seed: u8) -> [u8; ENTROPY_BYTES] {
    std::array::from_fn(|i| seed.wrapping_mul(31).wrapping_add(i as u8))
}

fn store() -> (Place, Store) {
    let place = place();
    let store = place.store();
    (place, store)
}

fn rule(layer: Visibility) -> LayerRule {
    let fields = [
        ("tenure", Visibility::Public),
        ("price", Visibility::Partner),
        ("owner_note", Visibility::Internal),
    ];
    LayerRule {
        layer,
        fields: fields.into_iter().map(|(name, v)| (name.to_owned(), v)).collect(),
    }
}

fn key(store: &Store, name: &str, scope: KeyScope, seed: u8) -> String {
    let expires_at = now() + 24.hours();
    store
        .add_key(
            &store.command_line(),
            &NewKey {
                name,
                scope,
                expires_at,
            },
            &entropy(seed),
            "",
            now(),
        )
        .unwrap()
        .expose()
        .to_owned()
}

fn seen(store: &Store, viewer: &Viewer, layer: &str) -> Option<Vec<String>> {
    store
        .grant(viewer, layer, FIELDS)
        .unwrap()
        .map(|grant| grant.fields().to_vec())
}

/// Says who sees a layer, all of whose fields have the rule of these tests.
fn publish(store: &Store, layer: &str, visibility: Visibility) {
    store
        .publish(&store.command_line(), layer, &rule(visibility), "", now())
        .unwrap();
}

#[test]
fn a_new_layer_is_seen_by_the_team_alone() {
    let (_dir, store) = store();
    let partner = store
        .viewer(&key(&store, "city hall", KeyScope::EveryPartnerLayer, 1), now())
        .unwrap();
    assert_eq!(seen(&store, &Viewer::anyone(), "parcels"), None);
    assert_eq!(seen(&store, &partner, "parcels"), None);
    assert_eq!(seen(&store, &Viewer::team(), "parcels").unwrap(), FIELDS);
}

#[test]
fn each_viewer_sees_what_the_rules_say() {
    let (_dir, store) = store();
    publish(&store, "parcels", Visibility::Public);
    publish(&store, "settlements", Visibility::Partner);
    publish(&store, "survey", Visibility::Internal);
    let named = KeyScope::Layers(vec!["settlements".into(), "survey".into()]);
    let named = store.viewer(&key(&store, "named", named, 1), now()).unwrap();
    let every = store
        .viewer(&key(&store, "every", KeyScope::EveryPartnerLayer, 2), now())
        .unwrap();
    let team = store
        .viewer(&key(&store, "office", KeyScope::Team, 3), now())
        .unwrap();

    let table =
        |viewer: &Viewer| ["parcels", "settlements", "survey"].map(|layer| seen(&store, viewer, layer));
    let shown = |fields: &[&str]| Some(fields.iter().map(ToString::to_string).collect::<Vec<_>>());
    assert_eq!(table(&Viewer::anyone()), [shown(&["tenure"]), None, None]);
    assert_eq!(
        table(&named),
        [shown(&["tenure"]), shown(&["tenure", "price"]), None]
    );
    assert_eq!(
        table(&every),
        [shown(&["tenure", "price"]), shown(&["tenure", "price"]), None]
    );
    assert_eq!(table(&team), [shown(&FIELDS), shown(&FIELDS), shown(&FIELDS)]);
    assert!(team.is_team() && !every.is_team());
    assert!(
        store
            .grant(&Viewer::anyone(), "parcels", FIELDS)
            .unwrap()
            .unwrap()
            .is_public()
    );
    assert!(
        !store
            .grant(&every, "parcels", FIELDS)
            .unwrap()
            .unwrap()
            .is_public()
    );
}

#[test]
fn publishing_replaces_all_that_was_said_before() {
    let (_dir, store) = store();
    publish(&store, "parcels", Visibility::Public);
    let only_price = BTreeMap::from([("price".to_owned(), Visibility::Public)]);
    store
        .publish(
            &store.command_line(),
            "parcels",
            &LayerRule {
                layer: Visibility::Public,
                fields: only_price,
            },
            "",
            now(),
        )
        .unwrap();
    assert_eq!(seen(&store, &Viewer::anyone(), "parcels").unwrap(), ["price"]);
    store
        .publish(&store.command_line(), "parcels", &LayerRule::default(), "", now())
        .unwrap();
    assert_eq!(seen(&store, &Viewer::anyone(), "parcels"), None);
}

#[test]
fn a_key_opens_until_it_expires_or_is_revoked() {
    let (dir, store) = store();
    let text = key(&store, "city hall", KeyScope::EveryPartnerLayer, 1);
    assert_eq!(store.viewer(&text, now()).unwrap().key_name(), Some("city hall"));
    assert!(store.viewer(&text, now() + 23.hours()).is_ok());
    assert!(matches!(
        store.viewer(&text, now() + 24.hours()),
        Err(StoreError::BadKey)
    ));

    // Revoked by another process: the server's next look at the key finds it so.
    let command_line = dir.store();
    command_line
        .revoke_key(&command_line.command_line(), "city hall", "", now())
        .unwrap();
    assert!(matches!(store.viewer(&text, now()), Err(StoreError::BadKey)));
    command_line
        .revoke_key(&command_line.command_line(), "city hall", "", now() + 1.hours())
        .unwrap();
    assert_eq!(
        store.keys().unwrap()[0].revoked_at,
        Some(now()),
        "the first revocation is the one that counts"
    );
    assert!(
        store
            .revoke_key(&store.command_line(), "nobody", "", now())
            .unwrap_err()
            .is_usage()
    );
}

#[test]
fn wrong_keys_all_get_the_same_answer() {
    let (_dir, store) = store();
    let good = key(&store, "city hall", KeyScope::EveryPartnerLayer, 1);
    let other_secret = format!("{}{}", &good[..20], &good[20..].chars().rev().collect::<String>());
    let other_id = good.replacen(&good[7..15], "00000000", 1);
    for wrong in [
        "",
        "secret",
        &other_secret,
        &other_id,
        &good[..40],
        &good.to_uppercase(),
        &"x".repeat(1 << 20),
    ] {
        let answer = store.viewer(wrong, now()).unwrap_err().to_string();
        assert_eq!(answer, StoreError::BadKey.to_string());
    }
}

#[test]
fn the_file_holds_no_key() {
    let (dir, store) = store();
    let good = key(&store, "city hall", KeyScope::EveryPartnerLayer, 1);
    drop(store);
    let bytes = dir.bytes();
    let (id, secret) = (&good[7..15], good.rsplit('_').next().unwrap());
    assert!(holds(&bytes, id.as_bytes()), "what proves nothing is there");
    assert!(!holds(&bytes, secret.as_bytes()));
}

#[test]
fn keys_that_make_no_sense_are_refused() {
    let (_dir, store) = store();
    key(&store, "taken", KeyScope::Team, 1);
    let expires_at = now() + 1.hours();
    let every = KeyScope::EveryPartnerLayer;
    let wrong = [
        NewKey {
            name: "",
            scope: every.clone(),
            expires_at,
        },
        NewKey {
            name: "two\nlines",
            scope: every.clone(),
            expires_at,
        },
        NewKey {
            name: "taken",
            scope: every.clone(),
            expires_at,
        },
        NewKey {
            name: "late",
            scope: every,
            expires_at: now(),
        },
        NewKey {
            name: "nothing",
            scope: KeyScope::Layers(vec![]),
            expires_at,
        },
    ];
    for new in wrong {
        assert!(
            store
                .add_key(&store.command_line(), &new, &entropy(2), "", now())
                .unwrap_err()
                .is_usage(),
            "{new:?}"
        );
    }
    assert_eq!(store.keys().unwrap().len(), 1);
}

#[test]
fn downloads_are_logged_before_and_after() {
    let (_dir, store) = store();
    publish(&store, "parcels", Visibility::Public);
    let partner = store
        .viewer(&key(&store, "city hall", KeyScope::EveryPartnerLayer, 1), now())
        .unwrap();
    let grant = store.grant(&partner, "parcels", FIELDS).unwrap().unwrap();
    let long = "ភ្នំពេញ ".repeat(1000);
    let download = Download {
        grant: &grant,
        version: "abc",
        format: "geojson",
        selection: &long,
    };
    let first = store.begin_download(&download, now());
    let second = store.begin_download(
        &Download {
            selection: "",
            ..download
        },
        now(),
    );
    store
        .end_download(second, Outcome::Complete, Some(7), 1234)
        .unwrap();

    let log = store.downloads(None, 10).unwrap();
    assert_eq!(
        [
            DownloadTicket::Written(log[0].id),
            DownloadTicket::Written(log[1].id)
        ],
        [second, first]
    );
    assert_eq!(
        (log[0].outcome, log[0].features, log[0].bytes),
        (Outcome::Complete, Some(7), Some(1234))
    );
    assert_eq!(
        (log[1].outcome, log[1].features, log[1].bytes),
        (Outcome::Begun, None, None)
    );
    assert_eq!(
        (log[1].who.as_str(), log[1].layer.as_str()),
        ("key city hall", "parcels")
    );
    assert!(log[1].selection.ends_with("(cut)") && log[1].selection.len() < 5000);
    assert_eq!(store.downloads(Some(log[0].id), 10).unwrap().len(), 1);
}

#[test]
fn damaged_rules_show_nothing() {
    let (dir, store) = store();
    publish(&store, "parcels", Visibility::Public);
    dir.tamper("UPDATE layer_rule SET visibility = 'everyone'")
        .unwrap();
    // PostgreSQL's readers look at a rule again when something was written as this program writes: with a row of the audit.
    publish(&store, "wells", Visibility::Public);
    assert!(matches!(
        store.grant(&Viewer::anyone(), "parcels", FIELDS),
        Err(StoreError::Damaged(_))
    ));
}

proptest! {
    /// Whatever the rules: anyone sees no more than a partner, a partner no more than the team, and nobody but the team what is internal.
    #[test]
    fn more_trust_never_shows_less(layer in 0_u8..3, fields in proptest::collection::vec(0_u8..4, 4)) {
        let word = |n: u8| [Visibility::Internal, Visibility::Partner, Visibility::Public][usize::from(n)];
        let (_dir, store) = store();
        let fields: BTreeMap<_, _> = FIELDS.iter().zip(fields).filter(|(_, n)| *n < 3)
            .map(|(name, n)| ((*name).to_owned(), word(n))).collect();
        store.publish(&store.command_line(), "l", &LayerRule { layer: word(layer), fields: fields.clone() }, "", now()).unwrap();
        let partner = store.viewer(&key(&store, "p", KeyScope::EveryPartnerLayer, 5), now()).unwrap();
        let [anyone, partner, team] = [Viewer::anyone(), partner, Viewer::team()].map(|v| seen(&store, &v, "l"));
        let within = |less: &Option<Vec<String>>, more: &Option<Vec<String>>| match (less, more) {
            (None, _) => true,
            (Some(less), Some(more)) => less.iter().all(|f| more.contains(f)),
            (Some(_), None) => false,
        };
        prop_assert!(within(&anyone, &partner) && within(&partner, &team));
        for field in partner.iter().flatten() {
            prop_assert!(fields.get(field).is_some_and(|v| *v >= Visibility::Partner));
        }
    }
}

fn session(n: u32) -> [u8; SESSION_ENTROPY_BYTES] {
    std::array::from_fn(|i| n.to_le_bytes()[i % 4] ^ (i as u8 / 4))
}

#[test]
fn a_session_is_begun_by_the_team_alone_and_ends_with_its_key() {
    let (dir, store) = store();
    let team = key(&store, "team", KeyScope::Team, 1);
    let partner = key(&store, "partner", KeyScope::EveryPartnerLayer, 2);
    for wrong in [partner.as_str(), "phteah_x", ""] {
        let refused = store.begin_session(wrong, &session(1), now());
        assert!(matches!(refused, Err(StoreError::BadKey)), "{wrong}");
    }
    let one = store.begin_session(&team, &session(1), now()).unwrap();
    let other = store.begin_session(&team, &session(2), now()).unwrap();
    let who = |token: &str, at| store.session(token, at).unwrap();
    assert!(who(one.expose(), now()).unwrap().is_team());
    assert!(who(one.expose(), now() + 23.hours()).is_some());
    assert!(
        who(one.expose(), now() + 24.hours()).is_none(),
        "the key has expired"
    );
    for none in ["", "x", &one.expose()[1..], &"0".repeat(64)] {
        assert!(who(none, now()).is_none());
    }
    let bytes = dir.bytes();
    assert!(bytes.len() > 4_096);
    assert!(!holds(&bytes, one.expose().as_bytes()), "hashes alone are kept");
    store.end_session(one.expose()).unwrap();
    assert!(who(one.expose(), now()).is_none() && who(other.expose(), now()).is_some());
    store
        .revoke_key(&store.command_line(), "team", "", now())
        .unwrap();
    assert!(who(other.expose(), now()).is_none());
}

#[test]
fn sessions_end_by_time_and_their_number_is_bounded() {
    let (_dir, store) = store();
    let expires_at = now() + 1000.hours();
    let new = NewKey {
        name: "team",
        scope: KeyScope::Team,
        expires_at,
    };
    let team = store
        .add_key(&store.command_line(), &new, &entropy(1), "", now())
        .unwrap();
    let begin = |n: usize| {
        let at = now() + jiff::SignedDuration::from_secs(n as i64);
        store
            .begin_session(team.expose(), &session(n as u32), at)
            .unwrap()
    };
    let first = begin(0);
    assert!(
        store
            .session(first.expose(), now() + 167.hours())
            .unwrap()
            .is_some()
    );
    assert!(
        store
            .session(first.expose(), now() + 168.hours())
            .unwrap()
            .is_none()
    );
    for n in 1..MAX_SESSIONS {
        begin(n);
    }
    assert!(store.session(first.expose(), now()).unwrap().is_some());
    begin(MAX_SESSIONS);
    assert!(store.session(first.expose(), now()).unwrap().is_none());
}

#[test]
fn only_versions_that_were_shown_at_a_visibility_count_there() {
    let (_dir, store) = store();
    let partner = store
        .viewer(&key(&store, "partner", KeyScope::EveryPartnerLayer, 1), now())
        .unwrap();
    let elsewhere = KeyScope::Layers(vec!["roads".into()]);
    let narrow = store.viewer(&key(&store, "narrow", elsewhere, 2), now()).unwrap();
    let publish = |level| {
        store
            .publish(&store.command_line(), "parcels", &rule(level), "", now())
            .unwrap();
    };
    let note = |version| store.note_shown("parcels", version, FIELDS).unwrap();
    note("internal");
    publish(Visibility::Partner);
    note("partner");
    publish(Visibility::Public);
    note("public");
    publish(Visibility::Internal);
    note("internal again");
    publish(Visibility::Public);
    let seen = |viewer: &Viewer, version| store.shown_fields(viewer, "parcels", version).unwrap().is_some();
    let table = |viewer: &Viewer| {
        ["internal", "partner", "public", "internal again", "never"].map(|version| seen(viewer, version))
    };
    assert_eq!(table(&Viewer::anyone()), [false, false, true, false, false]);
    assert_eq!(table(&narrow), table(&Viewer::anyone()));
    assert_eq!(table(&partner), [false, true, true, false, false]);
    assert_eq!(table(&Viewer::team()), [true; 5]);
    // Shown again with fewer fields, or with more: what every reader of this version has is what counts.
    let shown = |store: &Store| {
        store
            .shown_fields(&partner, "parcels", "public")
            .unwrap()
            .unwrap()
    };
    assert!(shown(&store).has("price") && !shown(&store).has("owner_note"));
    let mut fewer = rule(Visibility::Public);
    fewer.fields.remove("price");
    store
        .publish(&store.command_line(), "parcels", &fewer, "", now())
        .unwrap();
    note("public");
    publish(Visibility::Public);
    note("public");
    assert!(shown(&store).has("tenure") && !shown(&store).has("price"));
}
