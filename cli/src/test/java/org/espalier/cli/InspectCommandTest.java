package org.espalier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.espalier.graph.GraphBuilder;
import org.espalier.onnx.OnnxWriter;
import org.espalier.zoo.Zoo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InspectCommandTest {
    @Test
    void json_lenet5_hasThePublishedSizes() {
        Run run = Run.of("inspect", "lenet5", "--json");
        RunAssert.assertFinished(run);
        assertThat(run.err()).isEmpty();
        JsonNode json = run.json();
        // 20·1·25 + 20 + 50·20·25 + 50 + 800·500 + 500 + 500·10 + 10 parameters.
        assertThat(json.path("parameters").asLong()).isEqualTo(431_080);
        // 24²·20·25 + 8²·50·500 + 800·500 + 500·10 multiply-accumulates.
        assertThat(json.path("macs").asLong()).isEqualTo(2_293_000);
        assertThat(json.path("groups").findValuesAsText("units")).containsExactly("20", "50", "800", "500");
        long perLayer = 0;
        for (JsonNode layer : json.path("layers")) {
            perLayer += layer.path("parameters").asLong();
        }
        assertThat(perLayer).isEqualTo(431_080);
    }

    @Test
    void json_beforeTheCommand_worksToo() {
        assertThat(Run.of("--json", "inspect", "lenet-fc")
                        .json()
                        .path("parameters")
                        .asLong())
                .isEqualTo(545_810);
    }

    @Test
    void text_file_showsLayersAndGroups(@TempDir Path folder) {
        Path file = folder.resolve("a.onnx");
        OnnxWriter.write(Zoo.build("lenet5", 1), file);
        Run run = Run.of("inspect", file.toString());
        RunAssert.assertFinished(run);
        assertThat(run.out()).contains("431,080 parameters", "2,293,000 MACs", "conv2", "fc1.in", "MACs/unit");
    }

    @ParameterizedTest
    @ValueSource(strings = {"lenet-300-100", "vgg-like:0.25", "resnet20", "mobilenetv2-like"})
    void everyNetwork_isInspected(String network) {
        Run run = Run.of("inspect", network);
        RunAssert.assertFinished(run);
        assertThat(run.out()).contains("MACs");
    }

    @Test
    void layersAfterAnUnknownOperator_haveNoCountRatherThan0(@TempDir Path folder) {
        GraphBuilder b = new GraphBuilder("odd", 1);
        String x = b.gemm("first", b.input("input", 8), 8, 6);
        x = b.node("odd", "Frobnicate", List.of(x), Map.of());
        b.output("output", b.gemm("last", x, 6, 4), 4);
        Path file = folder.resolve("odd.onnx");
        OnnxWriter.write(b.build(), file);
        JsonNode json = Run.of("inspect", file.toString(), "--json").json();
        assertThat(json.path("macs").asLong()).isEqualTo(48);
        assertThat(json.path("layers").path(0).path("macs").asLong()).isEqualTo(48);
        assertThat(json.path("layers").path(2).path("macs").isNull()).isTrue();
        assertThat(json.path("unknown_shapes").toString()).contains("odd", "last");
        assertThat(Run.of("inspect", file.toString()).out()).contains("Sizes of 2 outputs are not known", "'odd'");
    }
}
