package org.espalier.testing;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.espalier.graph.Graph;

/** Random stacks of the building blocks of known networks, as exporters write them. */
public final class RandomForeign {
    private static final int TOKENS = 5;

    private final ForeignBuilder b;
    private final SplittableRandom random;
    private final List<String> used = new ArrayList<>();

    private RandomForeign(long seed) {
        this.b = new ForeignBuilder("foreign-" + seed, seed);
        this.random = new SplittableRandom(seed);
    }

    /** A network for a seed; its name says what it is made of. */
    public static Graph of(long seed) {
        RandomForeign n = new RandomForeign(seed);
        if (n.random.nextInt(3) == 0) {
            n.tokens();
        } else {
            n.images();
        }
        Graph g = n.b.build(seed);
        return new Graph(g.name() + n.used, g.opsets(), g.inputs(), g.outputs(), g.nodes(), g.initializers());
    }

    private String use(String what, String value) {
        used.add(what);
        return value;
    }

    // ---- images: 12 channels of 4×4 between blocks

    private void images() {
        String x = b.relu(b.conv(b.input("x", 3, 4, 4), 3, 12, 3));
        int blocks = random.nextInt(1, 5);
        for (int i = 0; i < blocks; i++) {
            String y = imageBlock(x);
            x = random.nextInt(3) == 0 ? use("residual", b.op("Add", List.of(x, y))) : y;
            if (random.nextInt(6) == 0) {
                b.output(use("head", b.conv(x, 12, 2, 1)), 2, 4, 4);
            }
        }
        if (random.nextBoolean()) {
            x = b.op("GlobalAveragePool", x);
            b.output(b.gemm(b.reshape(x, 12), 12, 3), 3);
        } else {
            b.output(b.gemm(b.relu(b.gemm(b.reshape(x, -1), 192, 6)), 6, 3), 3);
        }
    }

    private String imageBlock(String x) {
        return switch (random.nextInt(17)) {
            case 0 -> use("conv", b.relu(b.bn(b.conv(x, 12, 12, 3), 12)));
            case 1 -> use("shuffle", shuffle(b.conv(x, 12, 12, 1, 1, 3), 3));
            case 2 -> use("shuffle", shuffle(x, 2));
            case 3 -> use("gate", gate(x));
            case 4 -> use("shuffle pixels", b.op("DepthToSpace", stride2(x, 48), "blocksize", 2));
            case 5 -> use("reshape pixels", pixels(stride2(x, 48)));
            case 6 -> use("halves", halves(b.conv(x, 12, 24, 3)));
            case 7 -> use("group norm", groupNorm(x));
            case 8 -> use("instance norm", b.op("InstanceNormalization", List.of(x, b.weight(12), b.weight(12))));
            case 9 -> use("prelu", b.op("PRelu", List.of(x, b.weight(12, 1, 1))));
            case 10 -> use("branches", branches(x));
            case 11 -> use("convnext", convNext(x));
            case 12 -> use("transposed", up(stride2(x, 8)));
            case 13, 14 -> use("one group", oneGroup(x));
            case 15 -> use("response norm", responseNorm(x));
            default -> use("depthwise", b.op("HardSwish", b.conv(x, 12, 12, 3, 1, 12)));
        };
    }

    private String stride2(String x, int out) {
        return b.relu(b.conv(x, 12, out, 3, 2, 1));
    }

    private String shuffle(String x, int groups) {
        String y = b.reshape(x, groups, 12 / groups, 4, 4);
        return b.reshape(b.transpose(y, 0, 2, 1, 3, 4), 12, 4, 4);
    }

    private String gate(String x) {
        String s = b.op("ReduceMean", x, "axes", new long[] {2, 3});
        s = b.op("Sigmoid", b.conv(b.swish(b.conv(s, 12, 4, 1)), 4, 12, 1));
        return b.op("Mul", List.of(x, s));
    }

    private String pixels(String x) {
        return b.reshape(b.transpose(b.reshape(x, 12, 2, 2, 2, 2), 0, 1, 4, 2, 5, 3), 12, 4, 4);
    }

    private String halves(String x) {
        List<String> h = b.many("Split", 2, List.of(x), "axis", 1);
        return b.op("Mul", List.of(h.get(0), b.op("Sigmoid", h.get(1))));
    }

    private String groupNorm(String x) {
        String n = b.op("InstanceNormalization", List.of(b.reshape(x, 4, -1), b.weight(4), b.weight(4)));
        n = b.op("Mul", List.of(b.reshape(n, 12, 4, 4), b.weight(12, 1, 1)));
        return b.op("Add", List.of(n, b.weight(12, 1, 1)));
    }

    /** Over all channels, as exporters of older operator sets write it. */
    private String oneGroup(String x) {
        if (random.nextBoolean()) {
            return b.op("LayerNormalization", List.of(x, b.weight(12, 4, 4), b.weight(12, 4, 4)), "axis", 1);
        }
        String n = b.op("InstanceNormalization", List.of(b.reshape(x, 1, -1), b.floats(1), b.floats(0)));
        n = b.op("Mul", List.of(b.reshape(n, 12, 4, 4), b.weight(12, 1, 1)));
        return b.op("Add", List.of(n, b.weight(12, 1, 1)));
    }

    /** Each channel's length over the mean of all lengths. */
    private String responseNorm(String x) {
        String length = b.op("ReduceL2", x, "axes", new long[] {2, 3});
        String mean = b.op("ReduceMean", length, "axes", new long[] {1});
        String share = b.op("Div", List.of(length, b.op("Add", List.of(mean, b.number(1e-3f)))));
        return b.op("Add", List.of(x, b.op("Mul", List.of(b.op("Mul", List.of(x, share)), b.weight(1, 12, 1, 1)))));
    }

    private String branches(String x) {
        int cut = random.nextInt(1, 12);
        String a = b.op("Slice", List.of(x, b.longs(0), b.longs(cut), b.longs(1)));
        String c = b.op("Slice", List.of(x, b.longs(cut), b.longs(Long.MAX_VALUE), b.longs(1)));
        String y = b.conv(a, cut, 5, 1);
        String z = random.nextBoolean() ? b.conv(c, 12 - cut, 4, 3) : b.conv(x, 12, 4, 3);
        return b.op("Concat", List.of(y, z, b.conv(y, 5, 3, 1)), "axis", 1);
    }

    private String convNext(String x) {
        String y = b.layerNorm(b.transpose(b.conv(x, 12, 12, 3, 1, 12), 0, 2, 3, 1), 12);
        y = b.linear(b.gelu(b.linear(y, 12, 8)), 8, 12);
        return b.transpose(b.op("Mul", List.of(y, b.weight(12))), 0, 3, 1, 2);
    }

    private String up(String x) {
        if (random.nextBoolean()) {
            String y =
                    b.op("ConvTranspose", List.of(x, b.weight(8, 6, 2, 2)), "strides", new long[] {2, 2}, "group", 2);
            return b.relu(y);
        }
        String y = b.op("Resize", List.of(x, "", b.floats(1, 1, 2, 2)), "mode", "nearest");
        return b.conv(y, 8, 12, 1);
    }

    // ---- tokens: 5 of 12 features between blocks

    private void tokens() {
        String x = b.linear(b.input("x", TOKENS, 7), 7, 12);
        int blocks = random.nextInt(1, 4);
        for (int i = 0; i < blocks; i++) {
            String h = normalised(x);
            String y = tokenBlock(h);
            x = random.nextInt(4) == 0 ? y : use("residual", b.op("Add", List.of(x, y)));
        }
        b.output(b.linear(b.op("ReduceMean", x, "axes", new long[] {1}, "keepdims", 0), 12, 3), 3);
    }

    private String normalised(String x) {
        return switch (random.nextInt(5)) {
            case 0, 1 -> b.layerNorm(x, 12);
            case 2 -> b.oldLayerNorm(x, 12);
            case 3 -> b.rmsNorm(x, 12);
            default -> x;
        };
    }

    private String tokenBlock(String x) {
        return switch (random.nextInt(6)) {
            case 0 -> use("feed-forward", b.linear(b.gelu(b.linear(x, 12, 10)), 10, 12));
            case 1 -> {
                List<String> h = b.many("Split", 2, List.of(b.linear(x, 12, 16)), "axis", -1);
                yield use("gated", b.linear(b.op("Mul", List.of(h.get(0), b.swish(h.get(1)))), 8, 12));
            }
            case 2 -> {
                String q = b.heads(b.linear(x, 12, 12), TOKENS, 4, 3);
                String k = b.heads(b.linear(x, 12, 12), TOKENS, 4, 3);
                String v = b.heads(b.linear(x, 12, 12), TOKENS, 4, 3);
                yield use("attention", b.linear(b.attend(q, k, v, TOKENS, 4, 3), 12, 12));
            }
            case 5 -> use("einsum", einsum(x));
            case 3 -> {
                List<String> p = b.many("Split", 3, List.of(b.linear(x, 12, 36), b.longs(12, 12, 12)), "axis", 2);
                List<String> h = p.stream().map(v -> b.heads(v, TOKENS, 3, 4)).toList();
                yield use("split", b.linear(b.attend(h.get(0), h.get(1), h.get(2), TOKENS, 3, 4), 12, 12));
            }
            default -> {
                String qkv = b.transpose(b.reshape(b.linear(x, 12, 36), TOKENS, 3, 4, 3), 2, 0, 3, 1, 4);
                String q = b.op("Gather", List.of(qkv, b.scalar0(0)), "axis", 0);
                String k = b.op("Gather", List.of(qkv, b.scalar0(1)), "axis", 0);
                String v = b.op("Gather", List.of(qkv, b.scalar0(2)), "axis", 0);
                yield use("packed", b.linear(b.attend(q, k, v, TOKENS, 4, 3), 12, 12));
            }
        };
    }

    private String einsum(String x) {
        List<String> h = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            h.add(
                    random.nextBoolean()
                            ? b.reshape(b.linear(x, 12, 12), TOKENS, 4, 3)
                            : b.op("Einsum", List.of(b.weight(4, 12, 3), x), "equation", "hcd,btc->bthd"));
        }
        String scores = b.op("Einsum", List.of(h.get(0), h.get(1)), "equation", "bthd,bshd->bhts");
        String y = b.op(
                "Einsum", List.of(b.op("Softmax", scores, "axis", -1), h.get(2)), "equation", "bhts, bshd -> bthd");
        return b.op("Einsum", List.of(y, b.weight(4, 3, 12)), "equation", "bthd,hde->bte");
    }
}
