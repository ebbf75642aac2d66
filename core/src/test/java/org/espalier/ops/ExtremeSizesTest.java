package org.espalier.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.espalier.channels.ChannelGroups;
import org.espalier.graph.Attribute;
import org.espalier.graph.Dimension;
import org.espalier.graph.ElementType;
import org.espalier.graph.Graph;
import org.espalier.graph.GraphException;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;
import org.espalier.graph.Value;
import org.espalier.shapes.Cost;
import org.espalier.shapes.InferredShapes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sizes and attributes at the ends of what 64 bits hold: computed exactly, or refused with the node's name. */
class ExtremeSizesTest {
    private static final long SEED = Long.getLong("tests.seed", 7);
    private static final int TRIALS = 100;
    private static final BigInteger MOST = BigInteger.valueOf(Long.MAX_VALUE);
    private static final long[] EXTREMES = {
        0,
        1,
        2,
        3,
        4,
        8,
        -1,
        -2,
        127,
        128,
        1 << 16,
        Integer.MAX_VALUE,
        1L << 31,
        1L << 32,
        (1L << 32) + 1,
        1L << 40,
        1L << 53,
        1L << 61,
        1L << 62,
        Long.MAX_VALUE - 1,
        Long.MAX_VALUE,
        Integer.MIN_VALUE,
        -(1L << 62),
        Long.MIN_VALUE
    };
    private static final List<String> LISTS = List.of(
            "pads",
            "strides",
            "dilations",
            "kernel_shape",
            "output_padding",
            "output_shape",
            "axes",
            "perm",
            "split",
            "shape",
            "starts",
            "ends",
            "steps");
    private static final List<String> NUMBERS = List.of(
            "axis",
            "group",
            "num_groups",
            "blocksize",
            "keepdims",
            "batch_dims",
            "to",
            "start",
            "end",
            "allowzero",
            "ceil_mode",
            "noop_with_empty_axes",
            "num_outputs");

    static List<String> operators() {
        return List.copyOf(OperatorTable.names());
    }

    @ParameterizedTest
    @MethodSource("operators")
    void analysis_extremeSizesAndAttributes_fitsOrNamesTheNode(String operator) {
        for (int trial = 0; trial < TRIALS; trial++) {
            SplittableRandom random = new SplittableRandom(SEED + 1_000_003L * trial + operator.hashCode());
            String where = operator + ", trial " + trial + " of -Dtests.seed=" + SEED;
            Graph graph = anyNode(operator, random);
            try {
                InferredShapes shapes = InferredShapes.infer(graph, 1);
                TensorInfo out = shapes.info("y");
                if (out != null) {
                    assertThat(exactBytes(out)).as(where).isLessThanOrEqualTo(MOST);
                }
                Cost.of(graph, shapes);
                ChannelGroups.of(graph);
            } catch (GraphException e) {
                assertThat(e.getMessage()).as(where).matches("(?s).*('n'|'x'|'y'|fewer than 2\\^63).*");
            } catch (RuntimeException | OutOfMemoryError e) {
                fail(where + ": " + graph.nodes() + " on " + graph.inputs(), e);
            }
        }
    }

    private static BigInteger exactBytes(TensorInfo info) {
        BigInteger n = BigInteger.valueOf(info.type().bytes());
        for (long d : info.shape()) {
            assertThat(d).isNotNegative();
            n = n.multiply(BigInteger.valueOf(d));
        }
        return n;
    }

    /** One node between small dense layers, so that units reach it, or right behind an input of any size. */
    private static Graph anyNode(String operator, SplittableRandom r) {
        Map<String, TensorData> constants = new LinkedHashMap<>();
        List<Node> nodes = new ArrayList<>();
        int rank = r.nextInt(1, 6);
        List<Dimension> dims = new ArrayList<>();
        boolean small = r.nextBoolean();
        for (int a = 0; a < rank; a++) {
            dims.add(Dimension.of(small ? r.nextInt(1, 5) : Math.max(0, extreme(r))));
        }
        String data = "x";
        if (small && r.nextBoolean()) {
            long features = dims.get(rank - 1).size();
            constants.put("w", TensorData.full(1, features, 4));
            nodes.add(Node.of("before", "MatMul", List.of("x", "w"), List.of("h"), Map.of()));
            data = "h";
        }
        List<String> inputs = new ArrayList<>(List.of(data));
        for (int i = 1, count = r.nextInt(0, 5); i <= count; i++) {
            inputs.add("c" + i);
            constants.put("c" + i, r.nextInt(3) == 0 ? weight(r) : numbers(r));
        }
        nodes.add(Node.of("n", operator, inputs, List.of("y"), attributes(r)));
        return new Graph(
                "g",
                Map.of("", (long) r.nextInt(6, 22)),
                List.of(new Value("x", ElementType.FLOAT, dims)),
                List.of(new Value("y", ElementType.FLOAT, null)),
                nodes,
                constants);
    }

    private static TensorData weight(SplittableRandom r) {
        long[] shape = r.ints(r.nextInt(1, 5), 0, 5).asLongStream().toArray();
        return TensorData.full(1, shape);
    }

    private static TensorData numbers(SplittableRandom r) {
        return r.nextInt(4) == 0 ? TensorData.ofLongs(new long[] {extreme(r)}) : TensorData.vector(list(r));
    }

    private static Map<String, Attribute> attributes(SplittableRandom r) {
        Map<String, Attribute> all = new LinkedHashMap<>();
        for (String name : LISTS) {
            if (r.nextInt(3) == 0) {
                all.put(name, Attribute.of(list(r)));
            }
        }
        for (String name : NUMBERS) {
            if (r.nextInt(3) == 0) {
                all.put(name, Attribute.of(extreme(r)));
            }
        }
        if (r.nextInt(3) == 0) {
            all.put("auto_pad", Attribute.of(r.nextBoolean() ? "SAME_UPPER" : "VALID"));
        }
        return all;
    }

    private static long[] list(SplittableRandom r) {
        long[] v = new long[r.nextInt(0, 9)];
        for (int i = 0; i < v.length; i++) {
            v[i] = r.nextBoolean() ? r.nextInt(0, 4) : extreme(r);
        }
        return v;
    }

    private static long extreme(SplittableRandom r) {
        return EXTREMES[r.nextInt(EXTREMES.length)];
    }

    @Test
    void conv_extremeWindows_haveTheSizesOfExactArithmetic() {
        SplittableRandom r = new SplittableRandom(SEED);
        int accepted = 0;
        for (int trial = 0; trial < 20_000; trial++) {
            long size = Math.max(1, Math.min(1L << 60, extreme(r)));
            long kernel = r.nextInt(1, 4);
            long before = extreme(r);
            long after = r.nextBoolean() ? -before : extreme(r);
            long stride = Math.max(1, extreme(r));
            long dilation = Math.max(1, extreme(r));
            BigInteger extent = big(kernel - 1).multiply(big(dilation)).add(BigInteger.ONE);
            BigInteger padded = big(size).add(big(before)).add(big(after)).subtract(extent);
            BigInteger out = padded.divide(big(stride)).add(BigInteger.ONE);
            Graph graph = conv(size, kernel, new long[] {before, after}, stride, dilation);
            String where = "trial " + trial + " of -Dtests.seed=" + SEED;
            try {
                long found = InferredShapes.infer(graph, 1).shape("y")[2];
                accepted++;
                assertThat(padded.signum()).as(where).isNotNegative();
                assertThat(big(found)).as(where).isEqualTo(out);
            } catch (GraphException e) {
                assertThat(e).as(where).hasMessageStartingWith("Conv 'n': ");
                boolean plain = padded.signum() >= 0 && padded.bitLength() < 60 && extent.bitLength() < 60;
                boolean small = plain
                        && out.bitLength() < 60
                        && big(before).add(big(size)).bitLength() < 60;
                assertThat(small).as(where + ": " + e.getMessage()).isFalse();
            }
        }
        assertThat(accepted).isGreaterThan(500);
    }

    private static BigInteger big(long v) {
        return BigInteger.valueOf(v);
    }

    private static Graph conv(long size, long kernel, long[] pads, long stride, long dilation) {
        Map<String, Attribute> attributes = Map.of(
                "pads", Attribute.of(pads),
                "strides", Attribute.of(new long[] {stride}),
                "dilations", Attribute.of(new long[] {dilation}));
        return graph(
                Node.of("n", "Conv", List.of("x", "w"), List.of("y"), attributes),
                Map.of("w", TensorData.full(1, 1, 1, kernel)),
                1,
                1,
                size);
    }

    private static Graph graph(Node node, Map<String, TensorData> constants, long... shape) {
        List<Dimension> dims = new ArrayList<>();
        for (long d : shape) {
            dims.add(Dimension.of(d));
        }
        return new Graph(
                "g",
                Map.of("", 17L),
                List.of(new Value("x", ElementType.FLOAT, dims)),
                List.of(new Value("y", ElementType.FLOAT, null)),
                List.of(node),
                constants);
    }

    @Test
    void conv_padsOfTwoToThe63_areRefusedWithNodeAndRule() {
        assertThatThrownBy(() -> InferredShapes.infer(conv(8, 3, new long[] {Long.MAX_VALUE, Long.MAX_VALUE}, 1, 1), 1))
                .isInstanceOf(GraphException.class)
                .hasMessageStartingWith("Conv 'n': sizes must stay below 2^63")
                .hasMessageContaining("x[1, 1, 8] w[1, 1, 3]");
    }

    @Test
    void input_moreBytesThanTwoToThe63_isRefusedByName() {
        Graph graph = graph(Node.of("n", "Relu", List.of("x"), List.of("y"), Map.of()), Map.of(), 1L << 40, 1L << 40);
        assertThatThrownBy(() -> InferredShapes.infer(graph, 1))
                .isInstanceOf(GraphException.class)
                .hasMessageStartingWith("input 'x': ");
    }

    @Test
    void reshape_toMoreThan64Axes_isRefused() {
        long[] target = new long[100];
        java.util.Arrays.fill(target, 1);
        Graph graph = graph(
                Node.of("n", "Reshape", List.of("x", "s"), List.of("y"), Map.of()),
                Map.of("s", TensorData.vector(target)),
                1);
        assertThatThrownBy(() -> InferredShapes.infer(graph, 1))
                .isInstanceOf(GraphException.class)
                .hasMessage("Reshape 'n': output 'y': must have at most 64 axes, found 100");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Unsqueeze", "Reshape", "Squeeze", "ReduceSum", "Slice", "Pad"})
    void listAboutAxes_hundredThousandNumbers_isRefusedBeforeWork(String operator) {
        TensorData list = TensorData.vector(new long[100_000]);
        Graph graph = graph(
                Node.of("n", operator, List.of("x", "s", "s"), List.of("y"), Map.of()), Map.of("s", list), 1, 2, 3);
        assertThatThrownBy(() -> InferredShapes.infer(graph, 1))
                .isInstanceOf(GraphException.class)
                .hasMessageStartingWith(operator + " 'n': ")
                .hasMessageEndingWith("found 100000");
    }

    @Test
    void constants_thatSmallNodesMakeLarge_takeNoMoreThanTheirBudget() {
        List<Node> nodes = new ArrayList<>();
        List<Value> outputs = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            nodes.add(Node.of("n" + i, "ConstantOfShape", List.of("s"), List.of("y" + i), Map.of()));
            outputs.add(new Value("y" + i, ElementType.FLOAT, null));
        }
        Graph graph = new Graph(
                "g", Map.of("", 17L), List.of(), outputs, nodes, Map.of("s", TensorData.vector(1L << 12, 1L << 12)));
        InferredShapes shapes = InferredShapes.infer(graph, 1);
        long held = outputs.stream()
                .map(v -> shapes.constant(v.name()))
                .filter(t -> t != null)
                .mapToLong(t -> t.data().remaining())
                .sum();
        assertThat(held).isPositive().isLessThanOrEqualTo(1L << 27);
        assertThat(shapes.shape("y99")).containsExactly(1L << 12, 1L << 12);
    }

    @Test
    void macs_moreThanTwoToThe63_areRefused() {
        Graph graph = graph(
                Node.of("n", "MatMul", List.of("x", "x2"), List.of("y"), Map.of()),
                Map.of("x2", TensorData.full(1, 16, 1 << 12)),
                1L << 48,
                16);
        assertThatThrownBy(() -> Cost.of(graph))
                .isInstanceOf(GraphException.class)
                .hasMessageContaining("2^63");
    }
}
