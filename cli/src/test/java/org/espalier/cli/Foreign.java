package org.espalier.cli;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import javax.imageio.ImageIO;
import org.espalier.graph.Attribute;
import org.espalier.graph.Dimension;
import org.espalier.graph.ElementType;
import org.espalier.graph.Graph;
import org.espalier.graph.GraphBuilder;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;
import org.espalier.graph.Value;

/** Networks that do not come from our zoo, and data for them. */
final class Foreign {
    static final int EXAMPLES = 400;

    private Foreign() {}

    /** Batch normalisation, sigmoid, a residual sum and two classes of channels: [N, 3, 16, 16] → [N, 4]. */
    static Graph residual() {
        GraphBuilder b = new GraphBuilder("residual", 3);
        return residual(b, b.input("picture", 3, 16, 16));
    }

    /** The same with channels last and a batch of one. */
    static Graph residualChannelsLast() {
        GraphBuilder b = new GraphBuilder("residual", 3);
        String x = b.input("picture", 16, 16, 3);
        x = b.node("nchw", "Transpose", List.of(x), Map.of("perm", Attribute.of(new long[] {0, 3, 1, 2})));
        Graph g = residual(b, x);
        return new Graph(g.name(), g.opsets(), one(g.inputs()), one(g.outputs()), g.nodes(), g.initializers());
    }

    /** A network of floats with weights, inputs and outputs of another width. */
    static Graph as(ElementType type, Graph g) {
        Map<String, TensorData> constants = new LinkedHashMap<>();
        g.initializers().forEach((name, t) -> constants.put(name, t.type() == ElementType.FLOAT ? t.as(type) : t));
        return new Graph(g.name(), g.opsets(), as(type, g.inputs()), as(type, g.outputs()), g.nodes(), constants);
    }

    private static List<Value> as(ElementType type, List<Value> values) {
        return values.stream().map(v -> new Value(v.name(), type, v.shape())).toList();
    }

    /** One convolution whose channels are the scores: nothing reads a unit. */
    static Graph pooled() {
        GraphBuilder b = new GraphBuilder("pooled", 3);
        String x = b.conv("conv", b.input("input", 1, 28, 28), 1, 10, 3, 1, 1, 1, true);
        b.output("scores", b.flatten("flat", b.globalAveragePool("pool", x)), 10);
        return b.build();
    }

    /** The same network for so many examples at a time. */
    static Graph batch(int size, Graph g) {
        return new Graph(
                g.name(), g.opsets(), first(g.inputs(), size), first(g.outputs(), size), g.nodes(), g.initializers());
    }

    private static List<Value> one(List<Value> values) {
        return first(values, 1);
    }

    private static List<Value> first(List<Value> values, int size) {
        List<Value> all = new ArrayList<>();
        for (Value v : values) {
            List<Dimension> shape = new ArrayList<>(v.shape() == null ? List.of() : v.shape());
            shape.set(0, Dimension.of(size));
            all.add(new Value(v.name(), v.type(), shape));
        }
        return all;
    }

    private static Graph residual(GraphBuilder b, String input) {
        String x = b.batchNorm("bn1", b.conv("stem", input, 3, 12, 3, 1, 1, 1, false), 12);
        x = b.node("act1", "Sigmoid", List.of(x), Map.of());
        String y = b.relu("act2", b.batchNorm("bn2", b.conv("inner", x, 12, 16, 3, 2, 1, 1, false), 16));
        y = b.batchNorm("bn3", b.conv("outer", y, 16, 12, 3, 1, 1, 1, false), 12);
        String skip = b.conv("skip", x, 12, 12, 1, 2, 0, 1, true);
        x = b.relu("act3", b.add("sum", y, skip));
        x = b.flatten("flat", b.maxPool("pool", x, 4));
        b.output("scores", b.gemm("head", x, 48, 4), 4);
        return b.build();
    }

    /** 64 pictures of 20×20 in four classes: the bright quadrant; noise elsewhere. Returns {@code --data}'s value. */
    static String pictures(Path folder) {
        SplittableRandom random = new SplittableRandom(4);
        for (int i = 0; i < 96; i++) {
            int c = i % 4;
            BufferedImage image = new BufferedImage(20, 20, BufferedImage.TYPE_INT_RGB);
            for (int y = 0; y < 20; y++) {
                for (int x = 0; x < 20; x++) {
                    boolean bright = y / 10 == c / 2 && x / 10 == c % 2;
                    int v = random.nextInt(90) + (bright ? 150 : 0);
                    image.setRGB(x, y, v << 16 | random.nextInt(90) << 8 | v);
                }
            }
            try {
                Path of = Files.createDirectories(folder.resolve("quadrant" + c));
                ImageIO.write(image, "png", of.resolve(i + ".png").toFile());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return "folder:" + folder;
    }

    /** Integers [N, 5] looked up in a table, numbers [N, 6], a hidden layer; outputs [N, 3] and [N, 2]. */
    static Graph lookup() {
        GraphBuilder b = new GraphBuilder("lookup", 7);
        b.input("numbers", 6);
        b.constant("table", b.uniform(6, 20, 8));
        String x = b.node("embed", "Gather", List.of("table", "ids"), Map.of());
        x = b.node(
                "mean",
                "ReduceMean",
                List.of(x),
                Map.of("axes", Attribute.of(new long[] {1}), "keepdims", Attribute.of(0)));
        x = b.node("all", "Concat", List.of(x, "numbers"), Map.of("axis", Attribute.of(1)));
        x = b.relu("act", b.gemm("hidden", x, 14, 32));
        b.output("scores", b.gemm("head", x, 32, 3), 3);
        b.output("extra", b.gemm("second", x, 32, 2), 2);
        List<Value> inputs =
                List.of(Value.batched("ids", ElementType.INT64, 5), Value.batched("numbers", ElementType.FLOAT, 6));
        return withInputs(b, inputs);
    }

    private static Graph withInputs(GraphBuilder b, List<Value> inputs) {
        b.input("ids", 5);
        Graph g = b.build();
        return new Graph(g.name(), g.opsets(), inputs, g.outputs(), g.nodes(), g.initializers());
    }

    /** Data for {@link #lookup}: the class is the larger of three of the numbers, shifted by the ids. */
    static Npz lookupData() {
        SplittableRandom random = new SplittableRandom(9);
        long[] ids = new long[EXAMPLES * 5];
        float[] numbers = new float[EXAMPLES * 6];
        long[] classes = new long[EXAMPLES];
        for (int e = 0; e < EXAMPLES; e++) {
            int small = 0;
            for (int i = 0; i < 5; i++) {
                ids[e * 5 + i] = random.nextInt(20);
                small += ids[e * 5 + i] < 10 ? 1 : 0;
            }
            for (int i = 0; i < 6; i++) {
                numbers[e * 6 + i] = (float) random.nextDouble(-1, 1);
            }
            classes[e] = small >= 4 ? 2 : numbers[e * 6] > numbers[e * 6 + 1] ? 1 : 0;
        }
        return new Npz()
                .longs("ids", ids, EXAMPLES, 5)
                .floats("numbers", numbers, EXAMPLES, 6)
                .longs("y", classes, EXAMPLES);
    }

    /** Numbers to numbers: [N, 6] → [N, 2]. */
    static Graph regression() {
        GraphBuilder b = new GraphBuilder("regression", 11);
        String x = b.relu("act1", b.gemm("first", b.input("numbers", 6), 6, 40));
        x = b.relu("act2", b.gemm("second", x, 40, 24));
        b.output("predicted", b.gemm("last", x, 24, 2), 2);
        return b.build();
    }

    /** Data for {@link #regression}. */
    static Npz regressionData() {
        SplittableRandom random = new SplittableRandom(10);
        float[] numbers = new float[EXAMPLES * 6];
        float[] targets = new float[EXAMPLES * 2];
        for (int e = 0; e < EXAMPLES; e++) {
            for (int i = 0; i < 6; i++) {
                numbers[e * 6 + i] = (float) random.nextDouble(-1, 1);
            }
            targets[e * 2] = 10 * numbers[e * 6] * numbers[e * 6] + 3;
            targets[e * 2 + 1] = 5 * numbers[e * 6 + 1];
        }
        return new Npz().floats("numbers", numbers, EXAMPLES, 6).floats("y", targets, EXAMPLES, 2);
    }

    /** A graph with an operator that nobody knows. */
    static Graph unknownOperator() {
        Graph g = regression();
        List<Node> nodes = new ArrayList<>(g.nodes());
        nodes.replaceAll(n -> n.name().equals("act1")
                ? new Node("act1", "Swirl", "com.example", n.inputs(), n.outputs(), Map.of())
                : n);
        Map<String, Long> opsets = new LinkedHashMap<>(g.opsets());
        opsets.put("com.example", 1L);
        Map<String, TensorData> constants = g.initializers();
        return new Graph(g.name(), opsets, g.inputs(), g.outputs(), nodes, constants);
    }
}
