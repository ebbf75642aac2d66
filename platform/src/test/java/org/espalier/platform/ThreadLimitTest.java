package org.espalier.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ThreadLimitTest {
    @Test
    void require_upToFourPerProcessor_isTaken() {
        int most = 4 * Runtime.getRuntime().availableProcessors();
        assertThat(ThreadLimit.most()).isEqualTo(most);
        assertThat(ThreadLimit.require("--threads", most)).isEqualTo(most);
        assertThat(ThreadLimit.require("--threads", 1)).isEqualTo(1);
    }

    @Test
    void require_more_namesTheLimit() {
        int most = ThreadLimit.most();
        for (long wrong : new long[] {most + 1L, 1_000_000, Long.MAX_VALUE, 0, -1, Long.MIN_VALUE}) {
            assertThatThrownBy(() -> ThreadLimit.require("--threads", wrong))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("--threads: must be at least 1 and at most four times the ")
                    .hasMessageEndingWith("expected 1 to " + most + ", found " + wrong);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"1000000", " 20000 ", "1,1000000", "99999999999999999999999", "0001000000"})
    void requireEnvironment_tooMany_namesTheVariable(String value) {
        for (String name : new String[] {"OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "GOTO_NUM_THREADS"}) {
            assertThatThrownBy(() -> ThreadLimit.requireEnvironment(Map.of(name, value)))
                    .isInstanceOf(PlatformException.class)
                    .hasMessageStartingWith("environment variable " + name + ": must be at least 1");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "1,1", "", "many", "-3", "0"})
    void requireEnvironment_whatLibrariesTakeOrIgnore_passes(String value) {
        assertThatCode(() -> ThreadLimit.requireEnvironment(Map.of("OMP_NUM_THREADS", value)))
                .doesNotThrowAnyException();
    }
}
