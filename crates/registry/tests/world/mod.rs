//! One simulated run.

mod device;
mod server;

use std::collections::{BTreeMap, BTreeSet};

use device::{Device, Sealed};
use jiff::{SignedDuration, Timestamp};
use phteah_registry::event::{Event, EventId, HouseholdId};
use phteah_registry::fold::fold_all;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use server::{Receipt, Server};

/// What happened in runs.
#[derive(Debug, Default)]
pub struct Counts {
    events: usize,
    duplicates: usize,
    quarantined: usize,
    lost_requests: usize,
    cut_answers: usize,
    late_requests: usize,
    restarts: usize,
    clock_jumps: usize,
    revocations: usize,
    area_changes: usize,
    forgotten: usize,
    conflicts: usize,
    files: usize,
}

impl Counts {
    /// What runs must have reached.
    pub fn reached(&self) -> [(&'static str, usize); 13] {
        [
            ("events", self.events),
            ("duplicates", self.duplicates),
            ("quarantine", self.quarantined),
            ("lost requests", self.lost_requests),
            ("cut answers", self.cut_answers),
            ("late requests", self.late_requests),
            ("restarts", self.restarts),
            ("clock jumps", self.clock_jumps),
            ("revocations", self.revocations),
            ("area changes", self.area_changes),
            ("forgotten households", self.forgotten),
            ("conflicts", self.conflicts),
            ("queues handed over as files", self.files),
        ]
    }
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.events += other.events;
        self.duplicates += other.duplicates;
        self.quarantined += other.quarantined;
        self.lost_requests += other.lost_requests;
        self.cut_answers += other.cut_answers;
        self.late_requests += other.late_requests;
        self.restarts += other.restarts;
        self.clock_jumps += other.clock_jumps;
        self.revocations += other.revocations;
        self.area_changes += other.area_changes;
        self.forgotten += other.forgotten;
        self.conflicts += other.conflicts;
        self.files += other.files;
    }
}

/// Chance from a seed.
pub struct Dice(ChaCha8Rng);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0.next_u64() % n
    }

    fn index(&mut self, n: usize) -> usize {
        usize::try_from(self.below(n as u64)).expect("small")
    }

    /// True once in `n` times.
    fn once_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0.fill_bytes(&mut bytes);
        bytes
    }
}

/// A request that the network delivers late, or again.
struct Late {
    device: usize,
    batch: Vec<Sealed>,
}

struct World {
    dice: Dice,
    now: Timestamp,
    server: Server,
    devices: Vec<Device>,
    households: Vec<HouseholdId>,
    late: Vec<Late>,
    /// Every event that was ever recorded, and by which device.
    recorded: BTreeMap<EventId, usize>,
    counts: Counts,
}

/// Runs a world from a seed, and checks it.
pub fn run(seed: u64) -> Counts {
    let mut dice = Dice(ChaCha8Rng::seed_from_u64(seed));
    let number = 1 + dice.index(8);
    let households: Vec<HouseholdId> = (0..=dice.index(6))
        .map(|_| HouseholdId::new(dice.bytes()))
        .collect();
    let mut world = World {
        server: Server::new(&households, number),
        devices: (0..number).map(|_| Device::default()).collect(),
        now: "2026-11-20T03:00:00Z".parse().expect("a time"),
        households,
        late: Vec::new(),
        recorded: BTreeMap::new(),
        counts: Counts::default(),
        dice,
    };
    for _ in 0..50 + world.dice.index(150) {
        world.step();
        world.nothing_is_lost();
    }
    world.heal();
    world.nothing_is_lost();
    world.all_agree();
    world.counts
}

impl World {
    fn step(&mut self) {
        let seconds = self.dice.below(7_200);
        self.now += SignedDuration::from_secs(i64::try_from(seconds).expect("small"));
        let device = self.dice.index(self.devices.len());
        match self.dice.below(20) {
            0..=7 => self.record(device),
            8..=12 => self.sync(device, true),
            13 => self.deliver_late(),
            14 => {
                self.counts.restarts += 1;
                self.devices[device].restart();
            }
            15 => {
                self.counts.clock_jumps += 1;
                let days = i64::try_from(self.dice.below(1_460)).expect("small") - 730;
                self.devices[device].offset = SignedDuration::from_hours(24 * days);
            }
            16 => {
                self.counts.revocations += 1;
                self.server.is_revoked[device] ^= true;
            }
            17 => {
                self.counts.area_changes += 1;
                let area = self.dice.index(3);
                self.server.change_area(device, area);
            }
            18 => {
                // A stuck phone hands its queue over as a file, which anybody may bring in, any number of times.
                self.counts.files += 1;
                let batch = self.devices[device].outbox.clone();
                self.take_in(device, &batch);
            }
            _ => {
                // The server goes down before it commits: nobody gets an answer, nothing is stored.
                self.counts.restarts += 1;
                self.counts.lost_requests += 1;
            }
        }
    }

    fn record(&mut self, device: usize) {
        let at = self.dice.index(self.households.len());
        let household = self.households[at];
        let clock = self.now + self.devices[device].offset;
        let random = self.dice.bytes();
        let choice = self.dice.below(12);
        let event = self.devices[device].record(household, EventId::new(clock, random), clock, choice);
        self.counts.events += 1;
        self.recorded.insert(event, device);
    }

    /// Sends all that a device has, then asks for what is new.
    fn sync(&mut self, device: usize, is_bad: bool) {
        let size = 1 + self.dice.index(5);
        let queue = self.devices[device].outbox.clone();
        for batch in queue.chunks(size) {
            if is_bad && self.dice.once_in(6) {
                self.counts.lost_requests += 1;
                return;
            }
            if is_bad && self.dice.once_in(6) {
                self.counts.late_requests += 1;
                self.late.push(Late {
                    device,
                    batch: batch.to_vec(),
                });
            }
            if self.server.is_revoked[device] {
                return;
            }
            let mut receipts = self.take_in(device, batch);
            if is_bad && self.dice.once_in(5) {
                // The connection breaks in the middle of the answer; the device reads what came whole.
                self.counts.cut_answers += 1;
                receipts.truncate(self.dice.index(receipts.len() + 1));
                self.devices[device].take_receipts(&receipts);
                return;
            }
            self.devices[device].take_receipts(&receipts);
        }
        // A device asks only when it has sent all, so that it never has to merge.
        while self.devices[device].outbox.is_empty() && !self.server.is_revoked[device] {
            let limit = 1 + self.dice.index(8);
            let (after, scope) = (self.devices[device].after, self.devices[device].scope);
            let changes = self.server.changes(device, after, scope, limit);
            if is_bad && self.dice.once_in(5) {
                self.counts.cut_answers += 1;
                return;
            }
            let has_more = changes.has_more;
            self.counts.forgotten += self.devices[device].take_changes(changes);
            if !has_more {
                break;
            }
        }
    }

    fn take_in(&mut self, device: usize, batch: &[Sealed]) -> Vec<Receipt> {
        let receipts = self.server.take_in(device, batch, self.now);
        for receipt in &receipts {
            self.counts.duplicates += usize::from(receipt.status == "duplicate");
            self.counts.quarantined += usize::from(receipt.status == "quarantined");
        }
        receipts
    }

    /// A request that was delayed or repeated by the network arrives; nobody waits for the answer.
    fn deliver_late(&mut self) {
        if !self.late.is_empty() {
            let at = self.dice.index(self.late.len());
            let late = self.late.swap_remove(at);
            if !self.server.is_revoked[late.device] {
                self.take_in(late.device, &late.batch);
            }
        }
    }

    /// The network is good again, everybody is let in, and all sync until nothing moves.
    fn heal(&mut self) {
        while !self.late.is_empty() {
            self.deliver_late();
        }
        self.server.is_revoked.fill(false);
        for _ in 0..3 {
            for device in 0..self.devices.len() {
                self.sync(device, false);
            }
        }
    }

    /// Each event with a receipt is on the server exactly once; each without one is still on its device.
    fn nothing_is_lost(&self) {
        for (&event, &device) in &self.recorded {
            let device = &self.devices[device];
            if device.receipts.contains(&event) {
                let stored = usize::from(self.server.events.contains_key(&event));
                let lies = usize::from(self.server.quarantine.contains_key(&event));
                assert_eq!(stored + lies, 1, "{event} has a receipt");
            } else {
                let queued = device.outbox.iter().filter(|sealed| sealed.id == event).count();
                assert_eq!(queued, 1, "{event} has no receipt");
            }
        }
        let mut seqs: Vec<u64> = self.server.events.values().map(|stored| stored.seq).collect();
        seqs.sort_unstable();
        seqs.dedup();
        assert_eq!(
            seqs.len(),
            self.server.events.len(),
            "every event has a number of its own"
        );
    }

    /// All replicas say the same of what they may see, and hold nothing else.
    fn all_agree(&mut self) {
        let all: Vec<Event> = self
            .server
            .events
            .values()
            .map(|stored| read(&stored.json))
            .collect();
        let truth = fold_all(&all);
        self.counts.conflicts += truth.values().map(|state| state.conflicts.len()).sum::<usize>();
        for (number, device) in self.devices.iter().enumerate() {
            assert!(device.outbox.is_empty(), "all is sent");
            let held: Vec<Event> = device.replica.values().map(|json| read(json)).collect();
            let seen: BTreeSet<HouseholdId> = held.iter().map(|event| event.household).collect();
            for household in &seen {
                assert!(
                    self.server.may_see(number, *household),
                    "device {number} holds what it may not"
                );
            }
            let states = fold_all(&held);
            for (household, state) in &truth {
                if self.server.may_see(number, *household) {
                    assert_eq!(
                        states.get(household),
                        Some(state),
                        "device {number} says the same"
                    );
                }
            }
        }
    }
}

fn read(json: &str) -> Event {
    Event::read(json.as_bytes()).expect("stored events can be read")
}
