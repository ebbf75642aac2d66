package org.espalier.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Bfloat16Test {
    @ParameterizedTest
    @CsvSource({
        "fpu sse avx2 avx512f avx512_bf16 umip, true",
        "avx512f amx_bf16 amx_tile amx_int8, true",
        "avx512f avx512bw avx512vl avx512_vnni, false",
        "avx512f amx_tile amx_int8, false",
        "avx512_bf16x xavx512_bf16, false"
    })
    void isFastOnCpu_goesByTheInstructions(String flags, boolean fast, @TempDir Path folder) throws IOException {
        Path cpuinfo = Files.writeString(
                folder.resolve("cpuinfo"),
                "processor\t: 0\nmodel name\t: avx512_bf16 in a name\nflags\t\t: " + flags + "\nbugs\t\t: amx_bf16\n");
        assertThat(Bfloat16.isFastOnCpu(cpuinfo)).isEqualTo(fast);
    }

    @Test
    void isFastOnCpu_whereTheSystemDoesNotTell_isFalse(@TempDir Path folder) {
        assertThat(Bfloat16.isFastOnCpu(folder.resolve("none"))).isFalse();
    }

    @Test
    void auto_isDecidedBeforeAStep() {
        assertThat(Precision.AUTO.on("cpu")).isIn(Precision.FLOAT32, Precision.MIXED);
        assertThat(Precision.FLOAT32.on("cpu")).isEqualTo(Precision.FLOAT32);
        assertThat(Precision.MIXED.on("cpu")).isEqualTo(Precision.MIXED);
        assertThatThrownBy(() -> PassMode.training(Precision.AUTO)).hasMessageContaining("must be decided");
    }
}
