//! Between retrieval and decoding.
//!
//! Retrieval goes on while decoders are busy, or wait for a consumer: a request that nobody looks after would keep its slot
//! from others, although its answer is here. How much waits here is bounded by the bytes that may be in flight.

use std::collections::VecDeque;
use std::task::{Context, Poll};

use futures::StreamExt;
use futures::future::poll_fn;
use futures::stream::{FuturesUnordered, LocalBoxStream};

use crate::error::Result;

/// Missing chunks have no bytes, and could be any number.
const MOST_WAITING: usize = 1 << 16;

/// Arrivals, of which some may have been taken before anybody could decode them.
struct Inbox<'a, A> {
    arrivals: LocalBoxStream<'a, Result<A>>,
    waiting: VecDeque<Result<A>>,
    has_ended: bool,
}

impl<A> Inbox<'_, A> {
    /// The next arrival; `None` after the last.
    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<A>>> {
        if let Some(arrival) = self.waiting.pop_front() {
            return Poll::Ready(Some(arrival));
        }
        if self.has_ended {
            return Poll::Ready(None);
        }
        let next = self.arrivals.poll_next_unpin(context);
        self.has_ended = matches!(next, Poll::Ready(None));
        next
    }

    /// Takes in what is there.
    fn fill(&mut self, context: &mut Context<'_>) {
        while !self.has_ended && self.waiting.len() < MOST_WAITING {
            match self.arrivals.poll_next_unpin(context) {
                Poll::Ready(Some(arrival)) => self.waiting.push_back(arrival),
                Poll::Ready(None) => self.has_ended = true,
                Poll::Pending => return,
            }
        }
    }
}

/// Decodes everything that arrives, so many groups at once, of which there may be more later; `group` may add to an arrival
/// what waits. The first failure is the end.
pub async fn decode_all<A, F: Future<Output = Result<()>>>(
    arrivals: LocalBoxStream<'_, Result<A>>,
    at_once: impl Fn() -> usize,
    group: impl Fn(A, &mut VecDeque<Result<A>>) -> Vec<A>,
    decode: impl Fn(Vec<A>) -> F,
) -> Result<()> {
    let mut inbox = Inbox { arrivals, waiting: VecDeque::new(), has_ended: false };
    let mut decoding = FuturesUnordered::new();
    let step = |context: &mut Context<'_>| {
        loop {
            let mut is_last = false;
            while !is_last && (decoding.is_empty() || decoding.len() < at_once()) {
                match inbox.poll_next(context) {
                    Poll::Ready(Some(arrival)) => {
                        inbox.fill(context);
                        decoding.push(decode(group(arrival?, &mut inbox.waiting)));
                    }
                    Poll::Ready(None) => is_last = true,
                    Poll::Pending => break,
                }
            }
            match decoding.poll_next_unpin(context) {
                Poll::Ready(Some(decoded)) => decoded?,
                Poll::Ready(None) if is_last => return Poll::Ready(Ok(())),
                _ => break,
            }
        }
        inbox.fill(context);
        Poll::Pending
    };
    poll_fn(step).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;
    use futures::channel::oneshot;
    use futures::executor::block_on;
    use futures::{FutureExt, stream};
    use std::cell::{Cell, RefCell};

    fn alone(first: usize, _: &mut VecDeque<Result<usize>>) -> Vec<usize> {
        vec![first]
    }

    #[test]
    fn a_group_takes_what_waits() {
        let arrivals = stream::iter((0..10).map(Ok)).boxed_local();
        let groups = RefCell::new(Vec::new());
        let pair = |first: usize, waiting: &mut VecDeque<Result<usize>>| {
            let next = waiting.remove(1).into_iter().flatten();
            [first].into_iter().chain(next).collect()
        };
        let decode = |group: Vec<usize>| {
            groups.borrow_mut().push(group);
            async { Ok(()) }
        };
        block_on(decode_all(arrivals, || 1, pair, decode)).unwrap();
        assert_eq!(*groups.borrow(), [vec![0, 2], vec![1, 4], vec![3, 6], vec![5, 8], vec![7], vec![9]]);
    }

    #[test]
    fn everything_is_decoded_so_much_at_once() {
        let (now, most, done) = (Cell::new(0), Cell::new(0), Cell::new(0));
        let arrivals = stream::iter((0..100).map(Ok)).boxed_local();
        let decoded = decode_all(
            arrivals,
            || 7,
            alone,
            |group: Vec<usize>| {
                let n = group[0];
                let (now, most, done) = (&now, &most, &done);
                async move {
                    now.set(now.get() + 1);
                    most.set(now.get().max(most.get()));
                    for _ in 0..=n % 5 {
                        let mut is_second = false;
                        poll_fn(|context| {
                            context.waker().wake_by_ref();
                            if std::mem::replace(&mut is_second, true) { Poll::Ready(()) } else { Poll::Pending }
                        })
                        .await;
                    }
                    now.set(now.get() - 1);
                    done.set(done.get() + n);
                    Ok(())
                }
            },
        );
        block_on(decoded).unwrap();
        assert_eq!((most.get(), done.get()), (7, 4950));
    }

    #[test]
    fn arrivals_are_taken_in_while_all_decoders_are_busy() {
        let taken = Cell::new(0);
        let arrivals = stream::iter((0..100).map(|n| {
            taken.set(taken.get() + 1);
            Ok(n)
        }));
        let (sender, receiver) = oneshot::channel::<()>();
        let busy = receiver.shared();
        let mut decoded = Box::pin(decode_all(
            arrivals.boxed_local(),
            || 2,
            alone,
            |_: Vec<usize>| {
                let busy = busy.clone();
                async move {
                    busy.await.unwrap();
                    Ok(())
                }
            },
        ));
        assert!(decoded.as_mut().now_or_never().is_none());
        assert_eq!(taken.get(), 100);
        sender.send(()).unwrap();
        block_on(decoded).unwrap();
    }

    #[test]
    fn the_first_failure_is_the_end() {
        let begun = RefCell::new(Vec::new());
        let arrivals = stream::iter([Ok(1), Ok(2), Err(Error::store("three")), Ok(4)]).boxed_local();
        let decode = |group: Vec<usize>| {
            let n = group[0];
            begun.borrow_mut().push(n);
            async move { if n == 2 { Err(Error::corrupt_chunk("two")) } else { Ok(()) } }
        };
        assert_eq!(block_on(decode_all(arrivals, || 1, alone, decode)).unwrap_err().message(), "two");
        assert_eq!(*begun.borrow(), [1, 2]);
        let arrivals = stream::iter([Err(Error::store("none"))]).boxed_local();
        assert_eq!(block_on(decode_all(arrivals, || 1, alone, decode)).unwrap_err().message(), "none");
    }
}
