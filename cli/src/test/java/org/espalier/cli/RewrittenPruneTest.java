package org.espalier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.espalier.graph.Attribute;
import org.espalier.graph.ElementType;
import org.espalier.graph.Graph;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;
import org.espalier.graph.Value;
import org.espalier.onnx.OnnxReader;
import org.espalier.onnx.OnnxWriter;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A network whose first layer is quantised, whose activation is ONNX Runtime's, and which has an input of one number: the whole job. */
class RewrittenPruneTest {
    private static final int FEATURES = 12;
    private static final int HIDDEN = 24;
    private static final int EXAMPLES = 60;

    private final SplittableRandom random = new SplittableRandom(4);

    @TempDir
    private Path folder;

    private Path model;
    private String data;

    private float[] floats(int count) {
        float[] v = new float[count];
        for (int i = 0; i < count; i++) {
            v[i] = (float) random.nextDouble(-1, 1);
        }
        return v;
    }

    private Graph network() {
        long[] bytes = random.longs(FEATURES * HIDDEN, -100, 101).toArray();
        Map<String, TensorData> constants = Map.of(
                "w", TensorData.ofLongs(bytes, FEATURES, HIDDEN).as(ElementType.INT8),
                "ws", TensorData.ofFloats(new float[] {.005f}),
                "wz", TensorData.ofLongs(new long[] {0}).as(ElementType.INT8),
                "b", TensorData.ofFloats(floats(HIDDEN), HIDDEN),
                "w2", TensorData.ofFloats(floats(HIDDEN * 3), HIDDEN, 3));
        List<Node> nodes = List.of(
                Node.of("weights", "DequantizeLinear", List.of("w", "ws", "wz"), List.of("wf"), Map.of()),
                Node.of("fc1", "MatMul", List.of("x", "wf"), List.of("h"), Map.of()),
                new Node("gelu", "BiasGelu", "com.microsoft", List.of("h", "b"), List.of("g"), Map.of()),
                Node.of("fc2", "MatMul", List.of("g", "w2"), List.of("s"), Map.of()),
                Node.of("loud", "Cast", List.of("gain"), List.of("gf"), Map.of("to", Attribute.of(1L))),
                Node.of("scale", "Mul", List.of("s", "gf"), List.of("y"), Map.of()));
        return new Graph(
                "mixed",
                Map.of("", 17L, "com.microsoft", 1L),
                List.of(
                        Value.batched("x", ElementType.FLOAT, FEATURES),
                        new Value("gain", ElementType.INT64, List.of())),
                List.of(Value.batched("y", ElementType.FLOAT, 3)),
                nodes,
                constants);
    }

    @BeforeEach
    void write() {
        model = folder.resolve("model.onnx");
        OnnxWriter.write(network(), model);
        float[] gains = new float[EXAMPLES];
        data = new Npz()
                .floats("x", floats(EXAMPLES * FEATURES), EXAMPLES, FEATURES)
                .floats("gain", gains, EXAMPLES)
                .write(folder.resolve("data.npz"));
    }

    private Run prune(String... more) {
        List<String> args = new ArrayList<>(List.of("prune", model.toString(), "--data", data));
        args.addAll(List.of("--out", folder.resolve("run").toString(), "--threads", "1"));
        args.addAll(List.of("--epochs", "30", "--finetune-epochs", "3", "--bench-seconds", "0.05"));
        args.addAll(List.of("--tolerance", "40", "--noise-learning-rate", "0.2"));
        args.addAll(List.of(more));
        return Run.of(args.toArray(new String[0]));
    }

    @Test
    void prune_removesUnits_andTheFixedInput() throws IOException {
        Run run = prune("--fix", "gain=3");
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.err())
                .contains("the file is quantised and read in floats; prune this, then quantise again: DequantizeLinear")
                .contains("operators that ONNX Runtime fused are taken apart: BiasGelu");
        Graph small = OnnxReader.read(folder.resolve("run").resolve("pruned.onnx"));
        assertThat(small.inputs()).extracting(Value::name).containsExactly("x");
        assertThat(small.opsets()).containsOnlyKeys("");
        Node last = small.nodes().stream()
                .filter(n -> n.name().equals("fc2"))
                .findFirst()
                .orElseThrow();
        assertThat(Objects.requireNonNull(small.initializer(last.input(1))).size(0))
                .isLessThan(HIDDEN);
        assertThat(Files.readString(folder.resolve("run").resolve("run.yaml")))
                .contains("fixed")
                .contains("gain");

        Run resumed = Run.of("prune", "--resume", folder.resolve("run").toString());
        assertThat(resumed.code()).as(resumed.err()).isZero();
        Run other = Run.of("prune", "--resume", folder.resolve("run").toString(), "--fix", "gain=4");
        assertThat(other.code()).isEqualTo(2);
        assertThat(other.err()).contains("was begun with fixed inputs {gain=3}, the command line says {gain=4}");
    }

    @Test
    void fix_ofNoInput_isRefused() {
        Run run = prune("--fix", "volume=3");
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err())
                .contains("input 'volume' cannot be fixed: there is none of that name, expected one of [x, gain]")
                .contains("(--fix NAME=VALUE)");
    }

    @Test
    void inspect_saysWhatWasReadInAnotherForm() {
        Run run = Run.of("inspect", model.toString(), "--fix", "gain=2", "--json");
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.json().path("rewritten")).hasSize(2);
        assertThat(run.json().path("inputs")).hasSize(1);
        assertThat(Run.of("inspect", model.toString(), "--fix", "gain=2").out()).contains("Read in another form: ");
    }
}
