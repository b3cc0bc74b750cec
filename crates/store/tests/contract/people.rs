//! Accounts, teams, links, sessions and devices through the store's own front door. All persons here are illustrative.
#![allow(clippy::unwrap_used, reason = "helpers of tests may unwrap as tests do")]

use std::sync::atomic::{AtomicU64, Ordering};

use jiff::{SignedDuration, Timestamp};
use phteah_store::{
    ABSOLUTE_END, ACCOUNT_ENTROPY_BYTES, Actor, Area, AuditState, Chosen, IDLE_END, LEASE, MAX_SESSIONS_EACH,
    NewAccount, PasswordFault, Reach, Right, Role, SessionToken, SignIn, SignInLink, Store, StoreError,
    code_at,
};

use super::place;
use crate::place::{Place, holds};

const PASSWORD: &str = "three wet ducks";

fn now() -> Timestamp {
    "2026-11-20T03:10:00Z".parse().unwrap()
}

fn later(by: SignedDuration) -> Timestamp {
    now().checked_add(by).unwrap()
}

/// Other bytes each time, as the system's are.
fn entropy<const N: usize>() -> [u8; N] {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    std::array::from_fn(|_| {
        let mut z = NEXT
            .fetch_add(1, Ordering::SeqCst)
            .wrapping_mul(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z >> 56) as u8
    })
}

struct House {
    place: Place,
    store: Store,
    root: Actor,
}

/// A deployment with two teams, north and south.
fn house() -> House {
    let place = place();
    let store = place.store();
    let root = store.command_line();
    for (name, area) in [("North", "120101,120102"), ("South", "120201")] {
        store
            .add_team(&root, name, &area.parse().unwrap(), &entropy(), "opening", now())
            .unwrap();
    }
    House { place, store, root }
}

impl House {
    fn account(&self, name: &str, roles: &[Role], teams: &[&str]) -> SignInLink {
        let new = NewAccount { name, roles, teams };
        let (_, link) = self
            .store
            .add_account(
                &self.root,
                &new,
                &entropy::<ACCOUNT_ENTROPY_BYTES>(),
                "joins",
                now(),
            )
            .unwrap();
        link
    }

    /// Uses a link as its owner does. Answers the session and the secret of the codes.
    fn enter(&self, link: &SignInLink) -> (SessionToken, Option<String>) {
        let welcome = self.store.welcome(link.expose(), now()).unwrap();
        let code = welcome
            .code_secret
            .as_ref()
            .map(|secret| code_at(secret, now()).unwrap());
        let chosen = Chosen {
            password: PASSWORD,
            code: code.as_deref(),
            client: "Firefox",
        };
        let token = self
            .store
            .use_link(link.expose(), &chosen, &entropy(), now())
            .unwrap();
        (token, welcome.code_secret)
    }

    fn actor(&self, name: &str, roles: &[Role], teams: &[&str]) -> Actor {
        let (token, _) = self.enter(&self.account(name, roles, teams));
        self.store
            .signed_in(token.expose(), now())
            .unwrap()
            .unwrap()
            .actor
    }

    fn sign_in(
        &self,
        name: &str,
        password: &str,
        code: Option<&str>,
        at: Timestamp,
    ) -> Result<SessionToken, StoreError> {
        let sent = SignIn {
            name,
            password,
            code,
            client: "Chromium",
        };
        self.store.sign_in(&sent, &entropy(), at)
    }

    fn audited(&self) -> Vec<String> {
        let rows = self.store.audit(&self.root, None, 1000).unwrap();
        rows.into_iter().map(|row| row.what).collect()
    }
}

#[test]
fn a_link_lets_its_owner_choose_a_password_once() {
    let house = house();
    let link = house.account("Sok Dara", &[Role::Planner], &[]);
    let store = &house.store;
    // Looking does not use it up.
    for _ in 0..3 {
        assert_eq!(store.welcome(link.expose(), now()).unwrap().name, "Sok Dara");
    }
    let choose = |password: &str| {
        let chosen = Chosen {
            password,
            code: None,
            client: "",
        };
        store.use_link(link.expose(), &chosen, &entropy(), now())
    };
    assert!(matches!(
        choose("short"),
        Err(StoreError::Password(PasswordFault::Short))
    ));
    assert!(matches!(
        choose("Sok Dara 1"),
        Err(StoreError::Password(PasswordFault::NearName))
    ));
    let token = choose(PASSWORD).unwrap();
    assert!(store.signed_in(token.expose(), now()).unwrap().is_some());
    assert!(matches!(choose(PASSWORD), Err(StoreError::BadLink)));
    assert!(matches!(
        store.welcome(link.expose(), now()),
        Err(StoreError::BadLink)
    ));
    // The name is read as people type it.
    for name in ["Sok Dara", "sok  dara ", "SOK\u{200b} DARA"] {
        assert!(house.sign_in(name, PASSWORD, None, now()).is_ok(), "{name}");
    }
}

#[test]
fn links_end_and_a_new_one_makes_the_former_void() {
    let house = house();
    let first = house.account("Sok Dara", &[Role::Planner], &[]);
    let second = house
        .store
        .make_link(&house.root, "sok dara", &entropy(), "lost the first", now())
        .unwrap();
    assert!(matches!(
        house.store.welcome(first.expose(), now()),
        Err(StoreError::BadLink)
    ));
    assert!(house.store.welcome(second.expose(), now()).is_ok());
    assert!(matches!(
        house.store.welcome(second.expose(), second.expires_at),
        Err(StoreError::BadLink)
    ));
    for nonsense in ["", "x", &"0".repeat(64)] {
        assert!(matches!(
            house.store.welcome(nonsense, now()),
            Err(StoreError::BadLink)
        ));
    }
}

#[test]
fn wrong_names_passwords_and_disabled_accounts_get_one_answer() {
    let house = house();
    house.enter(&house.account("Sok Dara", &[Role::Planner], &[]));
    house.account("Chan Thy", &[Role::Planner], &[]);
    let mut answers = vec![
        house.sign_in("Nobody", PASSWORD, None, now()).unwrap_err(),
        house
            .sign_in("Sok Dara", "three wet geese", None, now())
            .unwrap_err(),
        house
            .sign_in("Sok Dara", &"x".repeat(100_000), None, now())
            .unwrap_err(),
        // Has chosen no password yet.
        house.sign_in("Chan Thy", PASSWORD, None, now()).unwrap_err(),
    ];
    house
        .store
        .disable_account(&house.root, "Sok Dara", "left", now())
        .unwrap();
    answers.push(house.sign_in("Sok Dara", PASSWORD, None, now()).unwrap_err());
    for answer in answers {
        assert!(matches!(answer, StoreError::BadSignIn), "{answer:?}");
    }
}

#[test]
fn codes_are_asked_for_by_role_and_open_once() {
    let house = house();
    let link = house.account("Chan Thy", &[Role::Coordinator], &["North"]);
    let secret = house
        .store
        .welcome(link.expose(), now())
        .unwrap()
        .code_secret
        .unwrap();
    let chosen = |code| Chosen {
        password: PASSWORD,
        code,
        client: "",
    };
    for wrong in [None, Some(""), Some("12345"), Some("000000"), Some("abcdef")] {
        let answer = house
            .store
            .use_link(link.expose(), &chosen(wrong), &entropy(), now());
        assert!(matches!(answer, Err(StoreError::CodeNeeded)), "{wrong:?}");
    }
    house.enter(&link);
    let at = later(SignedDuration::from_secs(60));
    let code = code_at(&secret, at).unwrap();
    assert!(matches!(
        house.sign_in("Chan Thy", PASSWORD, None, at),
        Err(StoreError::CodeNeeded)
    ));
    assert!(matches!(
        house.sign_in("Chan Thy", "three wet geese", Some(&code), at),
        Err(StoreError::BadSignIn)
    ));
    let spaced = format!("{} {}", &code[..3], &code[3..]);
    house.sign_in("Chan Thy", PASSWORD, Some(&spaced), at).unwrap();
    assert!(matches!(
        house.sign_in("Chan Thy", PASSWORD, Some(&code), at),
        Err(StoreError::BadSignIn)
    ));
    // A planner who becomes a coordinator comes in again by a new link alone.
    house.enter(&house.account("Sok Dara", &[Role::Planner], &[]));
    house
        .store
        .change_account(
            &house.root,
            "Sok Dara",
            &[Role::Coordinator],
            &["South"],
            "promoted",
            now(),
        )
        .unwrap();
    assert!(matches!(
        house.sign_in("Sok Dara", PASSWORD, None, at),
        Err(StoreError::CodesMissing)
    ));
}

#[test]
fn sessions_end_by_idleness_by_time_and_by_hand() {
    let house = house();
    let store = &house.store;
    let (first, _) = house.enter(&house.account("Sok Dara", &[Role::Planner], &[]));
    let is_in = |token: &SessionToken, at| store.signed_in(token.expose(), at).unwrap().is_some();
    let short = SignedDuration::from_secs(1);
    assert!(is_in(&first, later(IDLE_END - short)));
    // That was a use: it goes on from there.
    assert!(is_in(&first, later(IDLE_END + IDLE_END - short - short)));
    let idle = house.sign_in("Sok Dara", PASSWORD, None, now()).unwrap();
    assert!(!is_in(&idle, later(IDLE_END)));
    let used = house.sign_in("Sok Dara", PASSWORD, None, now()).unwrap();
    let mut at = now();
    while at < later(ABSOLUTE_END - SignedDuration::from_hours(8)) {
        at = at.checked_add(SignedDuration::from_hours(8)).unwrap();
        assert!(is_in(&used, at), "{at}");
    }
    assert!(!is_in(&used, later(ABSOLUTE_END)));

    let one = house.sign_in("Sok Dara", PASSWORD, None, now()).unwrap();
    let other = house.sign_in("Sok Dara", PASSWORD, None, now()).unwrap();
    let me = store.signed_in(one.expose(), now()).unwrap().unwrap();
    let listed = store.own_sessions(&me.actor, now()).unwrap();
    assert!(
        listed
            .iter()
            .any(|session| session.id == me.session && session.client == "Chromium")
    );
    store.end_own_session(&me.actor, &me.session, now()).unwrap();
    assert!(!is_in(&one, now()) && is_in(&other, now()));
    let ended = store
        .sign_out_everywhere(&me.actor, me.actor.account().unwrap(), "", now())
        .unwrap();
    assert!(ended >= 1 && !is_in(&other, now()));
    for _ in 0..MAX_SESSIONS_EACH + 5 {
        house.sign_in("Sok Dara", PASSWORD, None, now()).unwrap();
    }
    assert_eq!(
        store.own_sessions(&me.actor, now()).unwrap().len(),
        MAX_SESSIONS_EACH
    );
    // Nobody ends another's sessions, and cannot tell whether they exist.
    let thief = house.actor("Chan Thy", &[Role::Planner], &[]);
    let mine = store.own_sessions(&me.actor, now()).unwrap()[0].id.clone();
    assert!(matches!(
        store.end_own_session(&thief, &mine, now()),
        Err(StoreError::NotFound(_))
    ));
    assert!(matches!(
        store.sign_out_everywhere(&thief, me.actor.account().unwrap(), "", now()),
        Err(StoreError::Denied(_))
    ));
}

#[test]
fn a_change_of_roles_and_a_disabled_account_show_at_once() {
    let house = house();
    let (token, _) = house.enter(&house.account("Sok Dara", &[Role::Planner], &[]));
    let actor = || {
        house
            .store
            .signed_in(token.expose(), now())
            .unwrap()
            .map(|who| who.actor)
    };
    assert!(actor().unwrap().viewer().is_team());
    house
        .store
        .change_account(
            &house.root,
            "Sok Dara",
            &[Role::FieldWorker],
            &["North"],
            "moves",
            now(),
        )
        .unwrap();
    let changed = actor().unwrap();
    assert!(!changed.viewer().is_team() && changed.reach(Right::SeePlans).is_none());
    assert_eq!(changed.reach(Right::ReadHouseholds), Some(Reach::Assigned));
    assert_eq!(changed.scope().area, "120101,120102".parse().unwrap());
    house
        .store
        .disable_account(&house.root, "Sok Dara", "left", now())
        .unwrap();
    assert!(actor().is_none());
    // Enabled again it has no password: its owner comes in by the new link.
    let link = house
        .store
        .enable_account(&house.root, "Sok Dara", &entropy(), "back", now())
        .unwrap();
    assert!(actor().is_none());
    house.enter(&link);
}

#[test]
fn only_an_administrator_manages() {
    let house = house();
    let store = &house.store;
    let others = [
        house.actor("C", &[Role::Coordinator], &["North"]),
        house.actor("W", &[Role::Caseworker], &["North"]),
        house.actor("F", &[Role::FieldWorker], &["North"]),
        house.actor("P", &[Role::Planner], &[]),
        house.actor("X", &[Role::Partner], &[]),
    ];
    let new = NewAccount {
        name: "New",
        roles: &[Role::Planner],
        teams: &[],
    };
    for actor in &others {
        let refusals = [
            store
                .add_team(actor, "East", &Area::Everywhere, &entropy(), "", now())
                .err(),
            store
                .change_area(actor, "North", &Area::Everywhere, "", now())
                .err(),
            store.add_account(actor, &new, &entropy(), "", now()).err(),
            store
                .change_account(actor, "P", &[Role::Administrator], &[], "", now())
                .err(),
            store.disable_account(actor, "P", "", now()).err(),
            store.enable_account(actor, "P", &entropy(), "", now()).err(),
            store.make_link(actor, "P", &entropy(), "", now()).err(),
            store.audit(actor, None, 1).err(),
            store.verify_audit(actor).err(),
            store.in_the_stead_of(actor, others[0].account().unwrap()).err(),
        ];
        for refusal in refusals {
            assert!(
                matches!(refusal, Some(StoreError::Denied(_))),
                "{:?}: {refusal:?}",
                actor.roles()
            );
        }
    }
    let admin = house.actor("A", &[Role::Administrator], &[]);
    store
        .add_account(&admin, &new, &entropy(), "joins", now())
        .unwrap();
    assert_eq!(store.accounts(&admin).unwrap().len(), 7);
    assert_eq!(
        store.accounts(&others[3]).unwrap().len(),
        1,
        "a planner sees the own account"
    );
    assert_eq!(
        store.accounts(&others[0]).unwrap().len(),
        3,
        "a coordinator sees the team's"
    );
    assert!(admin.reach(Right::ReadHouseholds).is_none() && !admin.viewer().is_team());
}

#[test]
fn names_roles_and_teams_that_make_no_sense_are_refused() {
    let house = house();
    house.account("Sok Dara", &[Role::Planner], &[]);
    let long = "x".repeat(101);
    let cases: [(&str, &[Role], &[&str]); 8] = [
        ("", &[Role::Planner], &[]),
        ("\u{200b}", &[Role::Planner], &[]),
        ("a\nb", &[Role::Planner], &[]),
        (&long, &[Role::Planner], &[]),
        ("sok dara", &[Role::Planner], &[]),
        ("New", &[], &[]),
        ("New", &[Role::FieldWorker], &[]),
        ("New", &[Role::FieldWorker], &["East"]),
    ];
    let rows = house.audited().len();
    for (name, roles, teams) in cases {
        let new = NewAccount { name, roles, teams };
        let refusal = house
            .store
            .add_account(&house.root, &new, &entropy(), "", now())
            .unwrap_err();
        assert!(refusal.is_usage(), "{name:?} {roles:?} {teams:?}: {refusal:?}");
    }
    assert!(
        house
            .store
            .add_team(&house.root, "NORTH", &Area::Everywhere, &entropy(), "", now())
            .is_err()
    );
    for area in ["", "120101,", "12 01", "a;b", "120101,/etc"] {
        assert!(area.parse::<Area>().unwrap_err().is_usage(), "{area}");
    }
    assert_eq!(house.audited().len(), rows, "what was refused leaves no row");
    assert_eq!(house.store.accounts(&house.root).unwrap().len(), 1);
}

#[test]
fn a_code_enrols_one_device() {
    let house = house();
    let store = &house.store;
    house.account("Keo Neary", &[Role::FieldWorker, Role::Planner], &["North"]);
    let code = store
        .make_device_code(&house.root, "Keo Neary", None, &entropy(), "new phone", now())
        .unwrap();
    let typed = code.expose().to_lowercase().replace('-', " ");
    let enrolled = store.enrol(&typed, "phone 7", &entropy(), now()).unwrap();
    assert_eq!(
        (enrolled.worker_name.as_str(), enrolled.team_name.as_str()),
        ("Keo Neary", "North")
    );
    assert_eq!(enrolled.lease_until, later(LEASE));
    assert!(matches!(
        store.enrol(&typed, "phone 8", &entropy(), now()),
        Err(StoreError::BadCode)
    ));
    let contact = store.device_contact(enrolled.token.expose(), now()).unwrap();
    assert_eq!(contact.actor.device(), Some(&enrolled.device));
    assert_eq!(contact.actor.scope().area, "120101,120102".parse().unwrap());
    assert!(
        contact.actor.reach(Right::SeePlans).is_none(),
        "the desk's rights do not go along on a phone"
    );
    // A contact renews the lease, one that had ended too.
    let day = SignedDuration::from_hours(24);
    let renewed = store.device_contact(enrolled.token.expose(), later(day)).unwrap();
    assert_eq!(renewed.lease_until, later(LEASE + day));
    let late = store
        .device_contact(enrolled.token.expose(), later(LEASE * 3))
        .unwrap();
    assert!(late.lease_had_ended && late.lease_until == later(LEASE * 4));
    // A clock set back shortens nothing.
    assert_eq!(
        store
            .device_contact(enrolled.token.expose(), now())
            .unwrap()
            .lease_until,
        later(LEASE * 4)
    );
    assert!(matches!(
        store.device_contact("phteahd_00", now()),
        Err(StoreError::BadKey)
    ));
    store
        .revoke_device(&house.root, &enrolled.device, "lost", now())
        .unwrap();
    assert!(matches!(
        store.device_contact(enrolled.token.expose(), now()),
        Err(StoreError::DeviceRevoked)
    ));
    assert!(store.devices(&house.root).unwrap()[0].revoked_at.is_some());
}

#[test]
fn codes_end_by_time_by_wrong_tries_and_with_the_account() {
    let house = house();
    let store = &house.store;
    house.account("Keo Neary", &[Role::FieldWorker], &["North"]);
    let make = || {
        store
            .make_device_code(&house.root, "Keo Neary", None, &entropy(), "", now())
            .unwrap()
    };
    let bad = |code: &str, at| {
        matches!(
            store.enrol(code, "phone", &entropy(), at),
            Err(StoreError::BadCode)
        )
    };
    let code = make();
    assert!(bad(code.expose(), code.expires_at));
    let wrong = format!("{}-0000-0000-0000", &code.expose()[..4]);
    for _ in 0..5 {
        assert!(bad(&wrong, now()));
    }
    assert!(
        bad(code.expose(), now()),
        "after five wrong tries the right one is void too"
    );
    let code = make();
    for _ in 0..4 {
        assert!(bad(&format!("{}-0000-0000-0000", &code.expose()[..4]), now()));
    }
    let enrolled = store.enrol(code.expose(), "phone", &entropy(), now()).unwrap();
    let code = make();
    house
        .store
        .disable_account(&house.root, "Keo Neary", "left", now())
        .unwrap();
    assert!(bad(code.expose(), now()));
    assert!(matches!(
        store.device_contact(enrolled.token.expose(), now()),
        Err(StoreError::DeviceRevoked)
    ));
}

#[test]
fn a_coordinator_manages_the_devices_of_the_own_team_alone() {
    let house = house();
    let store = &house.store;
    house.account("North worker", &[Role::FieldWorker], &["North"]);
    house.account("South worker", &[Role::FieldWorker], &["South"]);
    house.account("Both", &[Role::FieldWorker], &["North", "South"]);
    let north = house.actor("Coordinator", &[Role::Coordinator], &["North"]);
    let make = |actor: &Actor, worker: &str, team: Option<&str>| {
        store.make_device_code(actor, worker, team, &entropy(), "", now())
    };
    let own = make(&north, "North worker", None).unwrap();
    // Another team's worker, and nobody: the same words but for the name that was typed.
    let other = make(&north, "South worker", None).unwrap_err().to_string();
    let nobody = make(&north, "Nobody", None).unwrap_err().to_string();
    assert_eq!(other.replace("South worker", "Nobody"), nobody);
    assert!(
        make(&north, "Both", None).unwrap_err().is_usage(),
        "for which team is not said"
    );
    assert!(make(&north, "Both", Some("South")).is_err());
    make(&north, "Both", Some("North")).unwrap();
    let theirs = store
        .enrol(
            make(&house.root, "South worker", None).unwrap().expose(),
            "s",
            &entropy(),
            now(),
        )
        .unwrap();
    let ours = store.enrol(own.expose(), "n", &entropy(), now()).unwrap();
    assert_eq!(store.devices(&north).unwrap().len(), 1);
    assert_eq!(store.devices(&house.root).unwrap().len(), 2);
    let unknown = "0123456789abcdef".parse().unwrap();
    let no = |device| {
        store
            .revoke_device(&north, device, "", now())
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        no(&theirs.device).replace(theirs.device.as_str(), ""),
        no(&unknown).replace(unknown.as_str(), "")
    );
    store.revoke_device(&north, &ours.device, "lost", now()).unwrap();
    for (name, role) in [
        ("P", Role::Planner),
        ("F", Role::FieldWorker),
        ("W", Role::Caseworker),
    ] {
        let actor = house.actor(name, &[role], &["North"]);
        assert!(matches!(store.devices(&actor), Err(StoreError::Denied(_))));
        assert!(matches!(
            make(&actor, "North worker", None),
            Err(StoreError::Denied(_))
        ));
        assert!(matches!(
            store.revoke_device(&actor, &ours.device, "", now()),
            Err(StoreError::Denied(_))
        ));
    }
}

#[test]
fn a_worker_who_leaves_the_team_takes_no_device_along() {
    let house = house();
    house.account("Keo Neary", &[Role::FieldWorker], &["North"]);
    let code = house
        .store
        .make_device_code(&house.root, "Keo Neary", None, &entropy(), "", now())
        .unwrap();
    let enrolled = house
        .store
        .enrol(code.expose(), "phone", &entropy(), now())
        .unwrap();
    house
        .store
        .change_account(
            &house.root,
            "Keo Neary",
            &[Role::FieldWorker],
            &["South"],
            "moves",
            now(),
        )
        .unwrap();
    assert!(matches!(
        house.store.device_contact(enrolled.token.expose(), now()),
        Err(StoreError::DeviceRevoked)
    ));
}

#[test]
fn every_change_is_audited_and_a_changed_row_is_found() {
    let house = house();
    let store = &house.store;
    let (token, _) = house.enter(&house.account("Sok Dara", &[Role::Planner], &[]));
    store
        .disable_account(&house.root, "Sok Dara", "left us", now())
        .unwrap();
    // Twice changes nothing, so it leaves no second row.
    store
        .disable_account(&house.root, "Sok Dara", "again", now())
        .unwrap();
    assert!(store.signed_in(token.expose(), now()).unwrap().is_none());
    let what = [
        "account_disabled",
        "signed_in",
        "password_chosen",
        "account_added",
        "team_added",
        "team_added",
    ];
    assert_eq!(house.audited(), what);
    let rows = store.audit(&house.root, None, 1000).unwrap();
    assert_eq!(
        (rows[0].why.as_str(), rows[0].who.as_str()),
        ("left us", "command line")
    );
    assert!(rows[1].who.starts_with("account "));
    assert!(
        rows.iter().all(|row| !format!("{row:?}").contains("Dara")),
        "the audit names no person"
    );
    assert_eq!(
        store.audit(&house.root, Some(rows[0].seq), 2).unwrap(),
        rows[1..3]
    );
    let AuditState::Whole { rows: 6, head } = store.verify_audit(&house.root).unwrap() else {
        panic!("not whole");
    };
    assert_eq!(head.len(), 64);

    let tamper = |sql: &str| house.place.tamper(sql);
    let refusal = tamper("UPDATE audit SET why = 'x' WHERE seq = 3").unwrap_err();
    assert!(
        refusal.contains("a row of the audit is never changed"),
        "{refusal}"
    );
    let refusal = tamper("DELETE FROM audit WHERE seq = 3").unwrap_err();
    assert!(
        refusal.contains("a row of the audit is never deleted"),
        "{refusal}"
    );
    tamper("DROP TRIGGER audit_is_never_changed; DROP TRIGGER audit_is_never_deleted;").unwrap();
    for (sql, seq) in [
        ("UPDATE audit SET why = why || 'x' WHERE seq = 5", 5),
        ("UPDATE audit SET at = at || '0' WHERE seq = 4", 4),
        ("DELETE FROM audit WHERE seq = 3", 3),
        (
            "UPDATE audit SET before = zeroblob(32), hash = zeroblob(32) WHERE seq = 2",
            2,
        ),
    ] {
        tamper(sql).unwrap();
        let state = store.verify_audit(&house.root).unwrap();
        assert!(
            matches!(state, AuditState::Broken { seq: found, .. } if found == seq),
            "{sql}: {state:?}"
        );
    }
}

#[test]
fn the_file_holds_no_secret_in_clear() {
    let house = house();
    let store = &house.store;
    let link = house.account("Chan Thy", &[Role::Coordinator], &["North"]);
    let (session, secret) = house.enter(&link);
    let unused = store
        .make_link(&house.root, "Chan Thy", &entropy(), "", now())
        .unwrap();
    let make = || {
        store
            .make_device_code(&house.root, "Chan Thy", None, &entropy(), "", now())
            .unwrap()
    };
    let (used, code) = (make(), make());
    let device = store.enrol(used.expose(), "phone", &entropy(), now()).unwrap();
    let secret = secret.unwrap();
    let raw = raw_base32(&secret);
    let plain = |code: &str| code.replace('-', "");
    let needles: Vec<Vec<u8>> = [
        PASSWORD.to_owned(),
        link.expose().to_owned(),
        unused.expose().to_owned(),
        session.expose().to_owned(),
        device.token.expose().to_owned(),
        code.expose().to_owned(),
        plain(code.expose()),
        plain(used.expose()),
        secret,
    ]
    .into_iter()
    .map(String::into_bytes)
    .chain([raw])
    .chain([unused.expose(), session.expose(), &device.token.expose()[8..]].map(from_hex))
    .collect();
    let bytes = house.place.bytes();
    assert!(holds(&bytes, b"Chan Thy"), "a name of the team is there");
    for needle in &needles {
        assert!(
            !holds(&bytes, needle),
            "found {:?}",
            String::from_utf8_lossy(needle)
        );
    }
}

fn from_hex(text: &str) -> Vec<u8> {
    (0..text.len() / 2)
        .map(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16).unwrap())
        .collect()
}

fn raw_base32(text: &str) -> Vec<u8> {
    let (mut bytes, mut held, mut bits) = (Vec::new(), 0_u32, 0);
    for sign in text.bytes() {
        let five = match sign {
            b'A'..=b'Z' => sign - b'A',
            _ => sign - b'2' + 26,
        };
        held = (held << 5) | u32::from(five);
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits) as u8);
            held &= (1 << bits) - 1;
        }
    }
    bytes
}

#[test]
fn keys_act_as_scripts() {
    use phteah_store::{KeyScope, NewKey};
    let house = house();
    let key = |name, scope| {
        let key = NewKey {
            name,
            scope,
            expires_at: later(SignedDuration::from_hours(24)),
        };
        house
            .store
            .add_key(&house.store.command_line(), &key, &entropy(), "", now())
            .unwrap()
    };
    let team = house
        .store
        .key_actor(key("nightly", KeyScope::Team).expose(), now())
        .unwrap();
    assert!(team.viewer().is_team() && team.reach(Right::ChangePlans) == Some(Reach::All));
    assert!(team.reach(Right::ReadHouseholds).is_none() && team.account().is_none());
    let partner = house
        .store
        .key_actor(key("city hall", KeyScope::EveryPartnerLayer).expose(), now())
        .unwrap();
    assert!(!partner.viewer().is_team() && partner.reach(Right::SeePlans).is_none());
}
