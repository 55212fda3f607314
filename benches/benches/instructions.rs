//! Instructions of each operation, with a hundred sessions and with a thousand, counted by Valgrind:
//! `cargo bench -p benches --bench instructions`. It needs `gungraun-runner` of the same version as the library.

#![expect(missing_docs, unused_qualifications, reason = "the macros of gungraun write what is linted")]

use core::hint::black_box;

use benches::World;
use gungraun::{library_benchmark, library_benchmark_group, main};

macro_rules! operations {
    ($($name:ident)*) => {
        $(
            #[library_benchmark]
            #[bench::hundred(args = (100), setup = World::new)]
            #[bench::thousand(args = (1_000), setup = World::new)]
            fn $name(mut world: World) -> (World, bool) {
                let done = black_box(benches::$name(black_box(&mut world)));
                (world, done)
            }
        )*

        library_benchmark_group!(name = operations; benchmarks = $($name),*);
    };
}

operations! {
    parse_sid print_sid parse_number print_number create_session add_participant remove_participant route receive close expire
    explain_selection delete_session serialize restore
}

main!(library_benchmark_groups = operations);
