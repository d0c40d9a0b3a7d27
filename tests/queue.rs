//! Reads that wait, share, go away, come back, fail and leave as chance has it: all of them end, and nothing is left.
#![cfg(not(target_arch = "wasm32"))]

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::rc::Rc;
use std::task::Poll;

use futures::executor::LocalPool;
use futures::task::LocalSpawnExt;
use futures::{FutureExt, StreamExt};
use zarr_wasm::Error;
use zarr_wasm::byte_range::{ByteRange, Portions};
use zarr_wasm::retrieve::{Limiter, Limits, Queue, RetryPolicy, ScriptedClock, Stats, Traffic};
use zarr_wasm::store::{Caller, MemoryStore, Request, Script, ScriptedStore, Store, StoredBytes};

const OBJECTS: u64 = 40;
const OBJECT_LEN: u64 = 100;
const BYTES: u64 = 350;
const SLOTS: usize = 4;
const READS: usize = 12;
const SEEDS: u64 = 300;

/// Numbers that are the same in every run.
#[derive(Clone)]
struct Chance(Rc<Cell<u64>>);

impl Chance {
    fn below(&self, end: u64) -> u64 {
        self.0.set(self.0.get().wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407));
        (self.0.get() >> 33) % end
    }

    fn one_in(&self, count: u64) -> bool {
        self.below(count) == 0
    }

    /// Lets the others go on for a while.
    fn wait(&self) -> impl Future<Output = ()> + use<> {
        let mut turns = self.below(6);
        poll_fn(move |context| {
            if turns == 0 {
                return Poll::Ready(());
            }
            turns -= 1;
            context.waker().wake_by_ref();
            Poll::Pending
        })
    }

    fn request(&self) -> Request {
        let key = self.below(OBJECTS).to_string();
        let start = self.below(OBJECT_LEN);
        match self.below(6) {
            0 => Request::of(key, ByteRange::Range { start, stop: OBJECT_LEN }, 0),
            1 => Request::whole(key).afresh(),
            _ => Request::of(key, ByteRange::Whole, OBJECT_LEN),
        }
    }

    fn script(&self) -> Script {
        let fault = match self.below(60) {
            0 => Some(Error::store("status 403").with_status(403)),
            1..=6 => Some(Error::store("status 503").with_status(503).transient(None)),
            _ => None,
        };
        Script { turns: self.below(8) as u32, fault }
    }
}

/// Reads some objects, and behaves as consumers do.
async fn read(queue: Rc<Queue<ScriptedStore>>, limiter: Rc<Limiter>, chance: Chance, ended: Rc<Cell<usize>>) {
    let caller = Caller::default();
    caller.set_priority(chance.below(3) as f64);
    if chance.one_in(3) {
        caller.set_slots(1 + chance.below(3) as usize);
    }
    let requests: Vec<_> = (0..1 + chance.below(30)).map(|_| chance.request().for_caller(&caller)).collect();
    {
        let mut batch = Box::pin(queue.get_many(requests.into_iter().map(|request| (request.range, request))));
        while let Some((range, outcome)) = batch.next().await {
            let Ok(reply) = outcome else { break };
            let reply = reply.unwrap();
            assert_eq!(reply.bytes.len() as u64, range.known_len().unwrap_or(OBJECT_LEN));
            chance.wait().await;
            if chance.one_in(8) {
                limiter.set_away(&caller, true);
                chance.wait().await;
                limiter.set_away(&caller, false);
            }
            if chance.one_in(20) {
                break;
            }
        }
    }
    assert_eq!(caller.held(), 0);
    ended.set(ended.get() + 1);
}

#[test]
fn all_that_begins_ends_and_nothing_is_left() {
    for seed in 0..SEEDS {
        let chance = Chance(Rc::new(Cell::new(seed)));
        let mut objects = MemoryStore::default();
        (0..OBJECTS).for_each(|key| objects.insert(key.to_string(), vec![0; OBJECT_LEN as usize]));
        let limits = Limits::new(BYTES);
        limits.set(Some(SLOTS), BYTES);
        limits.set_portions(Portions { max_gap: 0, max_len: 20 });
        let (limiter, stats) = (Limiter::new(&limits, false), Rc::<Stats>::default());
        let clock = Rc::<ScriptedClock>::default();
        let traffic = Traffic { limiter: limiter.clone(), stats: stats.clone(), clock };
        let scripts = chance.clone();
        let store = ScriptedStore::new(objects, move |_| scripts.script());
        let queue = Rc::new(Queue::new(store, traffic, RetryPolicy::default()));
        let (mut pool, ended) = (LocalPool::new(), Rc::<Cell<usize>>::default());
        for _ in 0..READS {
            let reading = read(queue.clone(), limiter.clone(), chance.clone(), ended.clone());
            pool.spawner().spawn_local(reading).unwrap();
        }
        pool.run_until_stalled();
        assert_eq!(ended.get(), READS, "seed {seed}: the others wait for ever");
        assert!(stats.max_in_flight() <= SLOTS, "seed {seed}");
        assert_eq!((stats.in_flight(), queue.store().in_flight(), limiter.held()), (0, 0, 0), "seed {seed}");
        let permits: Vec<_> = (0..SLOTS).map(|_| limiter.acquire(&Caller::default(), 1).now_or_never()).collect();
        assert!(permits.iter().all(Option::is_some), "seed {seed}: a slot is lost");
    }
}
