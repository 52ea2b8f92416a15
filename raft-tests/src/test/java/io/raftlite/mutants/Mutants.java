package io.raftlite.mutants;

import java.util.List;
import java.util.stream.Stream;

/** All deliberate faults. */
final class Mutants {
    private Mutants() {}

    static List<Mutant> all() {
        return Stream.of(
                        PromiseMutants.all(),
                        ElectionMutants.all(),
                        LogMutants.all(),
                        MembershipMutants.all(),
                        ReadMutants.all())
                .flatMap(List::stream)
                .toList();
    }
}
