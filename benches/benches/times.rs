//! Nanoseconds of each operation: `cargo bench -p benches --bench times`.

use benches::{OPERATIONS, World};
use divan::Bencher;

const SESSIONS: u64 = 100;

fn main() {
    divan::main();
}

#[divan::bench(args = OPERATIONS.iter().map(|(name, _)| *name), sample_count = 50)]
fn operation(bencher: Bencher<'_, '_>, name: &str) {
    let Some((_, work)) = OPERATIONS.iter().find(|(other, _)| *other == name) else { return };
    let world = World::new(SESSIONS);
    bencher.with_inputs(|| world.clone()).bench_refs(work);
}
