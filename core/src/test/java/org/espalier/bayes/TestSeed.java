package org.espalier.bayes;

import java.util.SplittableRandom;

/** The seed of random tests: fixed, or {@code -Dtests.seed=N} to replay or to look further. */
final class TestSeed {
    static final long VALUE = Long.getLong("tests.seed", 20261121L);

    private TestSeed() {}

    static SplittableRandom random() {
        return new SplittableRandom(VALUE);
    }

    static String replay() {
        return "replay with -Dtests.seed=" + VALUE;
    }
}
