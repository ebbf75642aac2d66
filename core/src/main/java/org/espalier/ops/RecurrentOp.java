package org.espalier.ops;

import java.util.Arrays;
import java.util.List;
import org.espalier.graph.Attribute;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;

/**
 * Recurrent layers: LSTM, GRU and RNN, with G = 4, 3 and 1 gates, D directions and H hidden units.
 *
 * <p>x [T, N, I], weights W [D, G·H, I] and R [D, G·H, H], bias [D, 2·G·H], initial states [D, N, H], peepholes [D, 3·H]
 * → Y [T, D, N, H], last states [D, N, H]. With {@code layout} 1 the examples N come first: x [N, T, I], states [N, D, H], Y [N, T, D, H].
 *
 * <p>A hidden unit owns its row in every gate of W, R, bias and peepholes and its index in the states. It is read by its column of R and by
 * whoever reads the outputs. Both directions have one {@code hidden_size}, so that the units at one index of both live or die together.
 */
final class RecurrentOp implements Operator {
    private static final int X = 0;
    private static final int W = 1;
    private static final int R = 2;
    private static final int BIAS = 3;
    private static final int LENGTHS = 4;
    private static final int FIRST_STATE = 5;
    private static final int FIRST_CELL = 6;
    private static final int PEEPHOLES = 7;

    @Override
    public List<String> names() {
        return List.of("LSTM", "GRU", "RNN");
    }

    private static int gates(Node n) {
        return switch (n.opType()) {
            case "LSTM" -> 4;
            case "GRU" -> 3;
            default -> 1;
        };
    }

    /** Which of the axes of x are the examples: 1, or 0 where they come first. */
    private static int batchAxis(Node n) {
        return n.getLong("layout", 0) == 0 ? 1 : 0;
    }

    @Override
    public void infer(NodeInference c) {
        Node n = c.node();
        long[] x = c.shape(X);
        long[] r = c.shape(R);
        long directions = n.getString("direction", "forward").equals("bidirectional") ? 2 : 1;
        long hidden = n.getLong("hidden_size", r.length == 3 ? r[2] : 0);
        if (x.length != 3 || hidden < 1) {
            throw c.shapeError("the data must have three axes, and hidden_size be at least 1");
        }
        long rows = Math.multiplyExact(gates(n), hidden);
        require(c, W, directions, rows, x[2]);
        require(c, R, directions, rows, hidden);
        require(c, BIAS, directions, Math.multiplyExact(2, rows));
        require(c, PEEPHOLES, directions, Math.multiplyExact(3, hidden));
        boolean examplesFirst = batchAxis(n) == 0;
        long batch = x[batchAxis(n)];
        long[] state = examplesFirst ? new long[] {batch, directions, hidden} : new long[] {directions, batch, hidden};
        require(c, LENGTHS, batch);
        require(c, FIRST_STATE, state);
        require(c, FIRST_CELL, state);
        long[] y = examplesFirst
                ? new long[] {batch, x[1], directions, hidden}
                : new long[] {x[0], directions, batch, hidden};
        c.output(0, c.type(X), y);
        c.output(1, c.type(X), state);
        c.output(2, c.type(X), state);
    }

    private static void require(NodeInference c, int input, long... shape) {
        if (c.node().hasInput(input) && !Arrays.equals(c.shape(input), shape)) {
            throw c.shapeError("input " + input + " must have shape " + Arrays.toString(shape));
        }
    }

    @Override
    public void relate(UnitRelations r) {
        Node n = r.node();
        String x = n.input(X);
        String w = n.input(W);
        String recurrent = n.input(R);
        int[] units = r.units(recurrent, 2);
        if (units == null || r.constant(w) == null || r.constant(recurrent) == null) {
            // Nothing is said of the outputs, and what reaches the node gets frozen.
            return;
        }
        r.assign(recurrent, 1, repeated(units, gates(n)));
        r.assign(w, 1, repeated(units, gates(n)));
        own(r, n.input(BIAS), 1, repeated(units, 2 * gates(n)));
        own(r, n.input(PEEPHOLES), 1, repeated(units, 3));
        own(r, n.input(FIRST_STATE), 2, units);
        own(r, n.input(FIRST_CELL), 2, units);
        for (String out : n.outputs()) {
            own(r, out, out.equals(n.output(0)) ? 3 : 2, units);
        }
        r.same(x, 2, w, 2);
        r.contract(x, 2, w, 2, false);
        String read =
                n.outputs().stream().filter(out -> !out.isEmpty()).findFirst().orElseThrow();
        r.contract(read, read.equals(n.output(0)) ? 3 : 2, recurrent, 2, false);
        relateExamples(r, n);
    }

    private static void own(UnitRelations r, String value, int axis, int[] units) {
        if (!value.isEmpty()) {
            r.assign(value, axis, units);
        }
    }

    private static int[] repeated(int[] units, int times) {
        int[] all = new int[units.length * times];
        for (int i = 0; i < all.length; i++) {
            all[i] = units[i % units.length];
        }
        return all;
    }

    /** Examples are treated each by itself; steps are not, nor are directions. */
    private static void relateExamples(UnitRelations r, Node n) {
        boolean first = batchAxis(n) == 0;
        String x = n.input(X);
        int from = batchAxis(n);
        if (n.hasInput(LENGTHS)) {
            r.same(x, from, n.input(LENGTHS), 0);
        }
        for (String state : List.of(n.input(FIRST_STATE), n.input(FIRST_CELL), n.output(1), n.output(2))) {
            if (!state.isEmpty()) {
                r.same(x, from, state, first ? 0 : 1);
            }
        }
        if (!n.output(0).isEmpty()) {
            r.same(x, from, n.output(0), first ? 0 : 2);
        }
    }

    @Override
    public void shrink(NodeShrink s) {
        s.setAttribute("hidden_size", Attribute.of(s.newShape(s.node().input(R))[2]));
    }

    @Override
    public long macs(NodeInference c) {
        long[] x = c.shape(X);
        long weights = Math.addExact(TensorData.elements(c.shape(W)), TensorData.elements(c.shape(R)));
        return Math.multiplyExact(Math.multiplyExact(x[0], x[1]), weights);
    }
}
