package org.espalier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.espalier.graph.Attribute;
import org.espalier.graph.Dimension;
import org.espalier.graph.ElementType;
import org.espalier.graph.Graph;
import org.espalier.graph.GraphBuilder;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;
import org.espalier.graph.Value;
import org.espalier.onnx.OnnxReader;
import org.espalier.onnx.OnnxWriter;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A recogniser of text lines, convolutions before a recurrent layer, as exporters write it: the whole job. */
class RecurrentPruneTest {
    private static final int EXAMPLES = 54;
    private static final int HIDDEN = 16;

    @TempDir
    private Path folder;

    /** Pictures [N, 1, 8, W] of any width → scores of 10 signs at each place, [N, W, 10]. */
    private static Graph recogniser(String op) {
        GraphBuilder b = new GraphBuilder("recogniser", 5);
        String x = b.input("x", 1, 8, 8);
        x = b.relu("relu1", b.conv("conv1", x, 1, 16, 3, 1, 1, 1, true));
        b.constant("kernel", b.uniform(384, 24, 16, 8, 3));
        x = b.node("conv2", "Conv", List.of(x, "kernel"), Map.of("pads", Attribute.of(new long[] {0, 1, 0, 1})));
        b.constant("height", TensorData.vector(2));
        x = b.node("squeeze", "Squeeze", List.of(b.relu("relu2", x), "height"), Map.of());
        x = b.node("steps", "Transpose", List.of(x), Map.of("perm", Attribute.of(new long[] {2, 0, 1})));
        long rows = HIDDEN * (op.equals("LSTM") ? 4L : 3);
        b.constant("w", b.uniform(24, 2, rows, 24));
        b.constant("r", b.uniform(HIDDEN, 2, rows, HIDDEN));
        b.constant("bias", b.uniform(HIDDEN, 2, 2 * rows));
        Map<String, Attribute> attributes =
                Map.of("hidden_size", Attribute.of(HIDDEN), "direction", Attribute.of("bidirectional"));
        x = b.node("recurrent", op, List.of(x, "w", "r", "bias"), attributes);
        x = b.node("examples", "Transpose", List.of(x), Map.of("perm", Attribute.of(new long[] {2, 0, 1, 3})));
        b.constant("sizes", TensorData.vector(0, 0, 2 * HIDDEN));
        x = b.node("join", "Reshape", List.of(x, "sizes"), Map.of());
        b.constant("signs", b.uniform(2 * HIDDEN, 2 * HIDDEN, 10));
        b.output("y", b.node("scores", "MatMul", List.of(x, "signs"), Map.of()), 8, 10);
        Graph g = b.build();
        Dimension n = Dimension.symbol("N");
        Dimension width = Dimension.symbol("W");
        List<Dimension> picture = List.of(n, Dimension.of(1), Dimension.of(8), width);
        return new Graph(
                g.name(),
                g.opsets(),
                List.of(new Value("x", ElementType.FLOAT, picture)),
                List.of(new Value("y", ElementType.FLOAT, List.of(n, width, Dimension.of(10)))),
                g.nodes(),
                g.initializers());
    }

    private String data() {
        float[] pixels = new float[EXAMPLES * 8 * 12];
        SplittableRandom random = new SplittableRandom(3);
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (float) random.nextDouble(-1, 1);
        }
        return new Npz().floats("x", pixels, EXAMPLES, 1, 8, 12).write(folder.resolve("data.npz"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"LSTM", "GRU"})
    void prune_convolutionsAndRecurrentLayer_removesUnitsOfBoth(String op) {
        Path model = folder.resolve("model.onnx");
        OnnxWriter.write(recogniser(op), model);
        List<String> args = new ArrayList<>(List.of("prune", model.toString(), "--data", data()));
        args.addAll(List.of("--out", folder.resolve("run").toString(), "--json", "--threads", "1"));
        args.addAll(
                List.of("--epochs", "30", "--finetune-epochs", "3", "--batch-size", "16", "--bench-seconds", "0.05"));
        args.addAll(List.of("--tolerance", "40", "--noise-learning-rate", "0.2"));
        Run run = Run.of(args.toArray(new String[0]));
        RunAssert.assertFinished(run);
        JsonNode json = run.json();
        assertThat(json.path("max_abs_difference").asDouble()).as(run.out()).isLessThan(1e-3);
        Graph small = OnnxReader.read(folder.resolve("run").resolve("pruned.onnx"));
        Node recurrent = small.nodes().stream()
                .filter(n -> n.opType().equals(op))
                .findFirst()
                .orElseThrow();
        assertThat(recurrent.getLong("hidden_size", 0)).as(run.out()).isLessThan(HIDDEN);
        long[] weight = weight(small, recurrent);
        assertThat(weight[2]).as("channels that the recurrent layer reads").isLessThan(24);
    }

    private static long[] weight(Graph g, Node recurrent) {
        return Objects.requireNonNull(g.initializer(recurrent.input(1))).shape();
    }
}
