package org.espalier.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.espalier.graph.Attribute;
import org.espalier.graph.ElementType;
import org.espalier.graph.Graph;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;
import org.espalier.graph.Value;
import org.espalier.onnx.OnnxWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Names that a terminal would obey, files that never end, weights that are no numbers: one line, exit code 2, nothing obeyed. */
class HostileNamesTest {
    private static final String EVIL = "\u001b]0;pwned\u0007\u001b[31mRED\nrm -rf\r\u001b[2J\u202e\u009b31m.evil";

    @TempDir
    private Path folder;

    private static void assertHarmless(String text) {
        assertThat(text.codePoints()
                        .filter(c ->
                                (Character.isISOControl(c) && c != '\n') || Character.getType(c) == Character.FORMAT))
                .isEmpty();
    }

    private static void assertRefused(Run run, String... parts) {
        RunAssert.assertError(run, 2, parts);
        assertHarmless(run.out() + run.err());
        assertThat(run.err().lines().count()).isEqualTo(1);
    }

    private Path write(String name, Graph graph) {
        Path file = folder.resolve(name);
        OnnxWriter.write(graph, file);
        return file;
    }

    private static Graph dense(String nodeName, float weight, long rows) {
        float[] w = new float[(int) rows * 5];
        java.util.Arrays.fill(w, 0.1f);
        w[3] = weight;
        return new Graph(
                "g",
                Map.of("", 17L),
                List.of(Value.batched("x", ElementType.FLOAT, 4)),
                List.of(Value.batched("y", ElementType.FLOAT, 3)),
                List.of(
                        Node.of(nodeName, "MatMul", List.of("x", "w1"), List.of("h"), Map.of()),
                        Node.of("relu", "Relu", List.of("h"), List.of("a"), Map.of()),
                        Node.of("out", "Gemm", List.of("a", "w2"), List.of("y"), Map.of("alpha", Attribute.of(1f)))),
                Map.of("w1", TensorData.ofFloats(w, rows, 5), "w2", TensorData.full(0.1f, 5, 3)));
    }

    private String data() {
        float[] x = new float[80];
        long[] y = new long[20];
        for (int i = 0; i < x.length; i++) {
            x[i] = i % 7;
            y[i % 20] = i % 3;
        }
        return new Npz().floats("x", x, 20, 4).longs("y", y, 20).write(folder.resolve("data.npz"));
    }

    @Test
    void inspect_namesThatATerminalObeys_areShown() {
        Path model = write("m.onnx", dense(EVIL, 0.1f, 4));
        Run run = Run.of("inspect", model.toString());
        assertThat(run.code()).isZero();
        assertHarmless(run.out() + run.err());
        assertThat(run.out()).contains("\\x1b[31mRED\\nrm -rf\\r\\x1b[2J\\u202e\\x9b31m.evil");
        Run json = Run.of("inspect", model.toString(), "--json");
        assertHarmless(json.out() + json.err());
        assertThat(json.json().at("/layers/0/name").asText()).isEqualTo(EVIL);
    }

    @Test
    void model_errorThatNamesAnEvilNode_isOneHarmlessLine() {
        Path model = write("m.onnx", dense(EVIL, 0.1f, 7));
        assertRefused(Run.of("inspect", model.toString()), model.toString(), "\\x1b[31mRED");
        Run verbose = Run.of("inspect", model.toString(), "--verbose");
        assertHarmless(verbose.err().replace("\t", ""));
        assertThat(verbose.code()).isEqualTo(2);
    }

    @Test
    void files_namesThatATerminalObeys_areShown() throws IOException {
        String name = EVIL.replace("\n", " ");
        assertRefused(Run.of("inspect", folder.resolve(name + ".onnx").toString()), "\\x1b[31mRED", "no such file");
        Path model = write("m.onnx", dense("fc", 0.1f, 4));
        Path pictures = folder.resolve("p");
        for (String each : new String[] {name, "b", "c"}) {
            Files.write(Files.createDirectories(pictures.resolve(each)).resolve("a.png"), new byte[] {1});
        }
        assertRefused(Run.of("eval", model.toString(), "--data=folder:" + pictures), "\\x1b[31mRED", "a.png");
        String arrays = new Npz().floats(EVIL, new float[4], 1, 4).write(folder.resolve("e.npz"));
        assertRefused(Run.of("eval", model.toString(), "--data=" + arrays), "espalier: ");
        assertRefused(Run.of("train", model.toString(), "--data=digits", "--config=" + folder.resolve(name)), "RED");
        assertRefused(Run.of(EVIL.strip()), "is unknown");
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.NaN})
    void weight_thatIsNoNumber_isNamedBeforeTraining(float weight) {
        Path model = write("w.onnx", dense("fc", weight, 4));
        for (String command : new String[] {"prune", "train"}) {
            Path out = folder.resolve(command);
            Run run = Run.of(command, model.toString(), "--data=" + data(), "--out=" + out);
            assertRefused(
                    run, model.toString(), "weight 'w1': values must be finite, found " + weight + " at position 3");
            assertThat(out).doesNotExist();
        }
    }

    @Test
    void pipes_inPlaceOfFiles_areRefusedAtOnce() throws Exception {
        Path pipe = folder.resolve("pipe.yaml");
        assumeTrue(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor() == 0);
        Path model = write("m.onnx", dense("fc", 0.1f, 4));
        assertTimeoutPreemptively(Duration.ofSeconds(60), () -> {
            assertRefused(
                    Run.of("train", "lenet-fc", "--data=digits", "--config=" + pipe), "pipe.yaml", "regular file");
            assertRefused(Run.of("eval", model.toString(), "--data=arrays:" + pipe), "pipe.yaml", "regular file");
            assertRefused(Run.of("inspect", pipe.resolveSibling("pipe.yaml").toString()), "pipe.yaml", "regular file");
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"--threads=2.7", "--seed=99999999999999999999", "--epochs=1.5", "--batch-size=3000000000"})
    void number_thatWouldHaveToBeCut_isRefused(String option) {
        Run run = Run.of("train", "lenet-fc", "--data=digits", option);
        assertRefused(run, option.substring(0, option.indexOf('=')), "is not a whole number of");
    }

    /**
     * Work that grows with the square of the nodes would take 256 times as long, linear work 16 times, or up to twice that
     * where the larger network no longer fits the processor's caches. A fixed part only makes the ratio smaller.
     */
    @Test
    void inspect_sixteenTimesTheNodes_takesFarLessThanTheSquare() {
        Path small = write("small.onnx", chain(6_250));
        Path large = write("large.onnx", chain(100_000));
        nanos(small);
        long one = Math.min(nanos(small), nanos(small));
        long sixteen = nanos(large);
        if (sixteen > 40 * one) {
            sixteen = Math.min(sixteen, nanos(large));
        }
        assertThat((double) sixteen / one).isLessThan(40);
    }

    private static long nanos(Path model) {
        com.sun.management.ThreadMXBean thread =
                (com.sun.management.ThreadMXBean) java.lang.management.ManagementFactory.getThreadMXBean();
        long before = thread.getCurrentThreadCpuTime();
        assertThat(Run.of("inspect", model.toString()).code()).isZero();
        return thread.getCurrentThreadCpuTime() - before;
    }

    private static Graph chain(int length) {
        java.util.ArrayList<Node> nodes = new java.util.ArrayList<>();
        for (int i = 0; i < length; i++) {
            List<String> in = i % 2 == 0 ? List.of("v" + i) : List.of("v" + i, "w");
            nodes.add(Node.of("n" + i, i % 2 == 0 ? "Relu" : "MatMul", in, List.of("v" + (i + 1)), Map.of()));
        }
        return new Graph(
                "chain",
                Map.of("", 17L),
                List.of(Value.batched("v0", ElementType.FLOAT, 3)),
                List.of(Value.batched("v" + length, ElementType.FLOAT, 3)),
                nodes,
                Map.of("w", TensorData.full(1, 3, 3)));
    }
}
