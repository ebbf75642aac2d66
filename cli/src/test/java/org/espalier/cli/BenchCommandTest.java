package org.espalier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.espalier.graph.Dimension;
import org.espalier.graph.ElementType;
import org.espalier.graph.Graph;
import org.espalier.graph.Node;
import org.espalier.graph.Value;
import org.espalier.onnx.OnnxWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BenchCommandTest {
    @Test
    void json_twoNetworks_atTwoBatchSizes() {
        Run run = Run.of("bench", "lenet5", "lenet5:0.1", "--seconds", "0.1", "--json");
        RunAssert.assertFinished(run);
        JsonNode json = run.json();
        assertThat(json.path("threads").asInt()).isEqualTo(1);
        assertThat(json.path("batches").findValuesAsText("batch_size")).containsExactly("1", "100");
        for (JsonNode batch : json.path("batches")) {
            JsonNode models = batch.path("models");
            assertThat(models.findValuesAsText("model")).containsExactly("lenet5", "lenet5:0.1");
            assertThat(models.path(0).path("speedup").asDouble()).isEqualTo(1);
            assertThat(models.path(1).path("speedup").asDouble()).isPositive();
            assertThat(models.path(1).path("median_ms").asDouble()).isPositive();
        }
    }

    @Test
    void text_oneBatchSize_isATable() {
        Run run = Run.of("bench", "lenet-300-100", "--seconds", "0.05", "--batch-size", "7");
        RunAssert.assertFinished(run);
        assertThat(run.out().lines()).hasSize(2);
        assertThat(run.out()).contains("speed-up", "lenet-300-100", "1.00x");
    }

    /** A network that takes pictures of any size, and one whose file gives the sizes no names. */
    @ParameterizedTest
    @ValueSource(strings = {"length", "?"})
    void dimension_isSized_orNamedWhereItIsNot(String name, @TempDir Path folder) {
        Dimension free = name.equals("?") ? Dimension.symbol("") : Dimension.symbol(name);
        List<Dimension> shape = List.of(Dimension.symbol("batch"), Dimension.of(3), free);
        Graph g = new Graph(
                "any",
                Map.of("", 17L),
                List.of(new Value("x", ElementType.FLOAT, shape)),
                List.of(new Value("y", ElementType.FLOAT, shape)),
                List.of(Node.of("relu", "Relu", List.of("x"), List.of("y"), Map.of())),
                Map.of());
        String model = folder.resolve("any.onnx").toString();
        OnnxWriter.write(g, Path.of(model));
        RunAssert.assertError(Run.of("bench", model), 2, "'" + name + "'", "give it with --dimension NAME=SIZE");
        RunAssert.assertError(
                Run.of("bench", model, "--dimension", "width=5"), 2, "--dimension width", "found [" + name + "]");
        RunAssert.assertError(Run.of("bench", model, "--dimension", "batch=5"), 2, "--dimension batch", "--batch-size");
        Run run = Run.of("bench", model, "--dimension", name + "=5", "--seconds", "0.05", "--batch-size", "2");
        RunAssert.assertFinished(run);
    }
}
