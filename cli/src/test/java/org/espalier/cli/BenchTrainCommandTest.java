package org.espalier.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import org.espalier.onnx.OnnxWriter;
import org.espalier.shapes.Cost;
import org.espalier.zoo.Zoo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchTrainCommandTest {
    @TempDir
    private Path folder;

    @Test
    void json_ratesFollowFromTimes() {
        JsonNode r = RunAssert.assertJson(Run.of(
                "bench-train",
                "lenet-300-100",
                "--seconds=1",
                "--batch-size=32",
                "--draws=4",
                "--precision=mixed",
                "--threads=1",
                "--json"));
        assertThat(r.path("batch_size").asInt()).isEqualTo(32);
        assertThat(r.path("draws").asInt()).isEqualTo(4);
        assertThat(r.path("precision").asText()).isEqualTo("mixed");
        assertThat(r.path("steps").asInt()).isPositive();
        double gigaFlop = 6e-9 * 32 * Cost.of(Zoo.build("lenet-300-100", 1)).macs();
        for (String suffix : new String[] {"", "_without_noise"}) {
            double millis = r.path("step_ms" + suffix).asDouble();
            assertThat(millis)
                    .isPositive()
                    .isLessThanOrEqualTo(r.path("median_step_ms" + suffix).asDouble());
            assertThat(r.path("gflops" + suffix).asDouble()).isCloseTo(1000 * gigaFlop / millis, within(1e-6));
        }
        double peak = r.path("bf16_product_gflops").asDouble();
        assertThat(peak).isPositive();
        assertThat(r.path("percent_of_peak").asDouble())
                .isCloseTo(100 * r.path("gflops").asDouble() / peak, within(1e-9));
        assertThat(r.path("noise_overhead_percent").asDouble())
                .isCloseTo(
                        100
                                * (r.path("step_ms").asDouble()
                                                / r.path("step_ms_without_noise")
                                                        .asDouble()
                                        - 1),
                        within(1e-9));
        assertThat(r.path("data_wait_percent").asDouble()).isBetween(0.0, 100.0);
        assertThat(r.path("other_precision").asText()).isEqualTo("float32");
        assertThat(r.path("other_step_ms").asDouble()).isPositive();
        boolean mixed = r.path("step_ms").asDouble() <= r.path("other_step_ms").asDouble();
        assertThat(r.path("faster_precision").asText()).isEqualTo(mixed ? "mixed" : "float32");
    }

    @Test
    void wrongInput_isNamed() {
        RunAssert.assertError(Run.of("bench-train", "lenet5", "--draws=0"), 2, "--draws", "0");
        RunAssert.assertError(Run.of("bench-train", "lenet5", "--seconds=0"), 2, "--seconds", "(0, 3600]");
        RunAssert.assertError(Run.of("bench-train", "lenet6"), 2, "did you mean 'lenet5'?");
        Path numbers = folder.resolve("numbers.onnx");
        OnnxWriter.write(Foreign.regression(), numbers);
        RunAssert.assertError(
                Run.of("bench-train", numbers.toString()), 2, numbers.toString(), "must take pictures", "numbers");
        Path pooled = folder.resolve("pooled.onnx");
        OnnxWriter.write(Foreign.pooled(), pooled);
        RunAssert.assertError(Run.of("bench-train", pooled.toString()), 1, "nothing can be pruned");
    }
}
