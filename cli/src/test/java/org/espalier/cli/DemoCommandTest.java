package org.espalier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoCommandTest {
    @TempDir
    private Path folder;

    @Test
    void demo_withALittleBudget_reportsAndWritesBoth() {
        Path out = folder.resolve("demo");
        Run run = Run.of("demo", "--examples=600", "--epochs=4", "--bench-seconds=0.05", "--out=" + out, "--json");
        JsonNode r = RunAssert.assertReport(run);
        assertThat(r.path("original_units_per_layer").toString()).isEqualTo("[20,50,800,500]");
        assertThat(out.resolve("original.onnx")).isNotEmptyFile();
        assertThat(out.resolve("pruned.onnx")).isNotEmptyFile();
        assertThat(run.err())
                .contains(
                        "espalier: drawing 700 digits",
                        out.resolve("pruned.onnx").toString());
    }

    /** The promise to whoever tries it first; the time is promised on two idle cores. */
    @Tag("slow")
    @Test
    void demo_asItIs_keepsItsPromise() {
        JsonNode r = RunAssert.assertReport(Run.of("demo", "--out=" + folder.resolve("full"), "--json"));
        assertThat(r.path("flops_ratio").asDouble()).isGreaterThanOrEqualTo(5);
        assertThat(r.path("error_percent").asDouble())
                .isLessThanOrEqualTo(r.path("original_error_percent").asDouble() + 1);
    }
}
