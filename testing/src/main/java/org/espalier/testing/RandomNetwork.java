package org.espalier.testing;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.espalier.graph.Attribute;
import org.espalier.graph.Graph;
import org.espalier.graph.GraphBuilder;
import org.espalier.graph.TensorData;

/** Small random networks that couple channels in every way that {@link GraphBuilder} can write. */
public final class RandomNetwork {
    private final GraphBuilder b;
    private final SplittableRandom random;
    private int counter;
    /** What was used, for messages. */
    private final List<String> used = new ArrayList<>();

    private record Image(String value, int channels, int size) {}

    private record Vector(String value, int features) {}

    private RandomNetwork(long seed) {
        this.b = new GraphBuilder("random-" + seed, seed);
        this.random = new SplittableRandom(seed);
    }

    /** A network for a seed; its name says what it is made of. */
    public static Graph of(long seed) {
        RandomNetwork n = new RandomNetwork(seed);
        Graph g = n.random.nextInt(3) == 0 ? n.dense() : n.images();
        return randomised(
                new Graph(g.name() + n.used, g.opsets(), g.inputs(), g.outputs(), g.nodes(), g.initializers()), seed);
    }

    /** The graph with every zero bias, unit scale and unit variance replaced by a random one. */
    public static Graph randomised(Graph g, long seed) {
        SplittableRandom random = new SplittableRandom(seed + 1);
        Map<String, TensorData> changed = new LinkedHashMap<>();
        g.initializers().forEach((name, t) -> {
            if (t.type().isFloating() && t.rank() == 1 && !name.startsWith("floats")) {
                float[] v = new float[(int) t.elements()];
                boolean positive = name.endsWith("running_var") || name.endsWith("weight");
                for (int i = 0; i < v.length; i++) {
                    v[i] = (float) (positive ? random.nextDouble(0.5, 1.5) : random.nextDouble(-0.5, 0.5));
                }
                changed.put(name, TensorData.ofFloats(v, t.shape()));
            }
        });
        return g.withInitializers(changed);
    }

    private String name(String what) {
        used.add(what);
        return what + counter++;
    }

    private int width() {
        return 2 * random.nextInt(1, 5);
    }

    // ---- vectors

    private Graph dense() {
        int in = random.nextInt(3, 9);
        Vector x = new Vector(b.input("x", in), in);
        int layers = random.nextInt(1, 6);
        for (int i = 0; i < layers; i++) {
            x = switch (random.nextInt(5)) {
                case 0 -> gemm(x, width());
                case 1 -> matMul(x, width());
                case 2 -> residual(x);
                case 3 -> concatenated(x);
                default -> twice(x);
            };
            x = new Vector(activation(x.value), x.features);
            if (random.nextInt(8) == 0) {
                b.declareOutput(x.value, x.features);
            }
        }
        heads(x);
        return b.build();
    }

    private Vector gemm(Vector x, int out) {
        return new Vector(b.gemm(name("gemm"), x.value, x.features, out), out);
    }

    private Vector matMul(Vector x, int out) {
        String n = name("matmul");
        String w = b.constant(n + ".w", b.uniform(x.features, x.features, out));
        String bias = b.constant(n + ".bias", TensorData.full(0, out));
        return new Vector(b.add(n + "_add", b.node(n, "MatMul", List.of(x.value, w), Map.of()), bias), out);
    }

    private Vector residual(Vector x) {
        used.add("residual");
        Vector wide = gemm(x, width());
        Vector back = gemm(new Vector(activation(wide.value), wide.features), x.features);
        return new Vector(b.add(name("sum"), back.value, x.value), x.features);
    }

    private Vector concatenated(Vector x) {
        Vector y = gemm(x, width());
        String both = b.node(name("concat"), "Concat", List.of(x.value, y.value), Map.of("axis", Attribute.of(1)));
        return new Vector(both, x.features + y.features);
    }

    /** The same square weight twice in a row. */
    private Vector twice(Vector x) {
        String n = name("shared");
        String w = b.constant(n + ".w", b.uniform(x.features, x.features, x.features));
        String y = b.relu(n + "_relu", b.node(n + "_a", "MatMul", List.of(x.value, w), Map.of()));
        return new Vector(b.node(n + "_b", "MatMul", List.of(y, w), Map.of()), x.features);
    }

    private String activation(String x) {
        String[] all = {"Relu", "Sigmoid", "Tanh", "Elu", "Softplus", "HardSwish", "LeakyRelu", "Exp", "Abs"};
        String op = all[random.nextInt(all.length - 2 + random.nextInt(3))];
        if (op.equals("Exp")) {
            return b.node(name("sigmoid"), "Sigmoid", List.of(x), Map.of());
        }
        return b.node(name(op.toLowerCase(java.util.Locale.ROOT)), op, List.of(x), Map.of());
    }

    private void heads(Vector x) {
        int heads = random.nextInt(1, 3);
        for (int h = 0; h < heads; h++) {
            Vector y = random.nextBoolean() ? x : gemm(x, width());
            int classes = random.nextInt(2, 5);
            b.declareOutput(gemm(y, classes).value, classes);
        }
    }

    // ---- images

    private Graph images() {
        Image x = new Image(b.input("x", 3, 8, 8), 3, 8);
        if (random.nextInt(4) > 0) {
            x = conv(x, width(), 1);
        }
        int layers = random.nextInt(2, 7);
        for (int i = 0; i < layers; i++) {
            x = block(x);
            if (random.nextBoolean()) {
                x = new Image(activation(x.value), x.channels, x.size);
            }
            if (random.nextInt(12) == 0 && !x.value.equals("x")) {
                b.declareOutput(x.value, x.channels, x.size, x.size);
            }
        }
        Image last = x;
        Vector flat = random.nextBoolean()
                ? new Vector(b.flatten(name("flatten"), last.value), last.channels * last.size * last.size)
                : new Vector(b.flatten(name("flatten"), b.globalAveragePool(name("gap"), last.value)), last.channels);
        heads(flat);
        return b.build();
    }

    private Image block(Image x) {
        return switch (random.nextInt(13)) {
            case 0 -> conv(x, width(), 1);
            case 1 -> batchNorm(x);
            case 2 -> x.size > 2 ? pool(x) : conv(x, width(), 1);
            case 3, 4 -> residual(x);
            case 5, 6 -> concat(x);
            case 7 -> depthwise(x);
            case 8 -> grouped(x);
            case 9 -> gate(x);
            case 10 -> sharedConv(x);
            case 11 -> scaled(x);
            default -> x.size > 2 ? conv(x, width(), 2) : conv(x, width(), 1);
        };
    }

    private Image conv(Image x, int out, int stride) {
        int kernel = random.nextBoolean() ? 3 : 1;
        String y = b.conv(name("conv"), x.value, x.channels, out, kernel, stride, kernel / 2, 1, random.nextBoolean());
        return new Image(y, out, (x.size - 1) / stride + 1);
    }

    private Image batchNorm(Image x) {
        return new Image(b.batchNorm(name("bn"), x.value, x.channels), x.channels, x.size);
    }

    private Image pool(Image x) {
        if (random.nextBoolean()) {
            return new Image(b.maxPool(name("maxpool"), x.value, 2), x.channels, x.size / 2);
        }
        String y = b.node(
                name("avgpool"),
                "AveragePool",
                List.of(x.value),
                Map.of(
                        "kernel_shape", Attribute.of(new long[] {3, 3}),
                        "pads", Attribute.of(new long[] {1, 1, 1, 1}),
                        "strides", Attribute.of(new long[] {2, 2})));
        return new Image(y, x.channels, (x.size - 1) / 2 + 1);
    }

    private Image residual(Image x) {
        used.add("residual");
        Image y = batchNorm(conv(x, width(), 1));
        Image z = conv(new Image(activation(y.value), y.channels, y.size), x.channels, 1);
        return new Image(b.add(name("sum"), x.value, z.value), x.channels, x.size);
    }

    private Image concat(Image x) {
        int parts = random.nextInt(1, 3);
        List<String> all = new ArrayList<>(List.of(x.value));
        int channels = x.channels;
        for (int i = 0; i < parts; i++) {
            Image y = conv(x, width(), 1);
            all.add(y.value);
            channels += y.channels;
        }
        String y = b.node(name("concat"), "Concat", all, Map.of("axis", Attribute.of(1)));
        return new Image(y, channels, x.size);
    }

    private Image depthwise(Image x) {
        int multiplier = random.nextInt(4) == 0 ? 2 : 1;
        int out = x.channels * multiplier;
        String y = b.conv(name("depthwise"), x.value, x.channels, out, 3, 1, 1, x.channels, random.nextBoolean());
        return new Image(y, out, x.size);
    }

    private Image grouped(Image x) {
        Image even = x.channels % 2 == 0 ? x : conv(x, width(), 1);
        int out = width();
        String y = b.conv(name("grouped"), even.value, even.channels, out, 3, 1, 1, 2, random.nextBoolean());
        return new Image(y, out, even.size);
    }

    private Image gate(Image x) {
        int squeezed = width();
        String s = b.globalAveragePool(name("squeeze"), x.value);
        s = b.relu(name("relu"), b.conv(name("reduce"), s, x.channels, squeezed, 1, 1, 0, 1, true));
        s = b.conv(name("expand"), s, squeezed, x.channels, 1, 1, 0, 1, true);
        s = b.node(name("sigmoid"), "Sigmoid", List.of(s), Map.of());
        return new Image(b.node(name("gate"), "Mul", List.of(x.value, s), Map.of()), x.channels, x.size);
    }

    private Image sharedConv(Image x) {
        String n = name("sharedconv");
        String w = b.constant(n + ".w", b.uniform(x.channels * 9, x.channels, x.channels, 3, 3));
        Map<String, Attribute> pads = Map.of("pads", Attribute.of(new long[] {1, 1, 1, 1}));
        String y = activation(b.node(n + "_a", "Conv", List.of(x.value, w), pads));
        return new Image(b.node(n + "_b", "Conv", List.of(y, w), pads), x.channels, x.size);
    }

    /** A product with a constant per channel, then a maximum with one number. */
    private Image scaled(Image x) {
        String n = name("scaled");
        String w = b.constant(n + ".w", b.uniform(1, x.channels, 1, 1));
        String one = b.constant(n + ".min", TensorData.full(-0.3f, 1));
        String y = b.node(n, "Mul", List.of(x.value, w), Map.of());
        return new Image(b.node(n + "_max", "Max", List.of(y, one), Map.of()), x.channels, x.size);
    }
}
