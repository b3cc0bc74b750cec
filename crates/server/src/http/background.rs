//! Long work that nobody looks at a screen for: files that are downloaded, files that are made. Each piece has a thread of its own which stands
//! back when somebody else needs the processor, so that a download slows no planner.

use std::io;
use std::thread;

use tokio::runtime::Handle;

/// How far the thread stands back: a tenth of the processor where others want it, all of it where nobody does.
#[cfg(target_os = "linux")]
const NICE: i32 = 10;

/// Runs `job` on a thread of its own that stands back. The job may wait for the runtime that it was begun on.
pub fn spawn(job: impl FnOnce() + Send + 'static) -> io::Result<()> {
    let runtime = Handle::try_current().map_err(io::Error::other)?;
    thread::Builder::new()
        .name("background".to_owned())
        .spawn(move || {
            let _runtime = runtime.enter();
            stand_back();
            job();
        })
        .map(|_| ())
}

/// Does work that would else share itself out over all cores on one thread, which stands back.
pub fn alone<T: Send>(job: impl FnOnce() -> T + Send) -> io::Result<T> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .start_handler(|_| stand_back())
        .build()
        .map_err(io::Error::other)?;
    Ok(pool.install(job))
}

/// On Linux each thread has a priority of its own. One that cannot be set is no reason not to work.
#[cfg(target_os = "linux")]
fn stand_back() {
    let _ = rustix::process::setpriority_process(Some(rustix::thread::gettid()), NICE);
}

#[cfg(not(target_os = "linux"))]
fn stand_back() {}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_thread_stands_back_and_no_other() {
        let nice = || rustix::process::getpriority_process(Some(rustix::thread::gettid())).unwrap();
        let (sender, receiver) = tokio::sync::oneshot::channel();
        spawn(move || sender.send(nice()).unwrap()).unwrap();
        assert_eq!(receiver.await.unwrap(), NICE);
        assert!(nice() < NICE);
    }
}
