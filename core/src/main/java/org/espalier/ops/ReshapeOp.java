package org.espalier.ops;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;

/**
 * Gives a tensor another shape. Where several axes become one, each unit of the one that carries units is repeated for all positions of
 * the others; where one axis becomes several, one of those carries the units and what differs only along the others is tied.
 */
final class ReshapeOp implements Operator {
    private static final String COMPUTED = " has a shape that is computed from other values";

    @Override
    public List<String> names() {
        return List.of("Reshape");
    }

    @Override
    public void infer(NodeInference c) {
        long[] target = c.longs("shape", 1);
        if (target == null) {
            return;
        }
        long[] x = c.shape(0);
        long[] out = target.clone();
        boolean copyZeros = c.node().getLong("allowzero", 0) == 0;
        long known = 1;
        int free = -1;
        for (int i = 0; i < out.length; i++) {
            if (out[i] == 0 && copyZeros) {
                if (i >= x.length) {
                    throw c.shapeError("0 at position " + i + " of the new shape copies an axis that does not exist");
                }
                out[i] = x[i];
            }
            if (out[i] == -1 && free < 0) {
                free = i;
            } else {
                known = Math.multiplyExact(known, out[i]);
            }
        }
        long elements = TensorData.elements(x);
        if (free >= 0 && known > 0) {
            out[free] = elements / known;
        }
        if (Arrays.stream(out).anyMatch(d -> d < 0) || TensorData.elements(out) != elements) {
            throw c.shapeError("new shape " + Arrays.toString(target) + " must have as many elements as the old one");
        }
        TensorData value = c.constant(0);
        if (value == null) {
            c.output(0, c.type(0), out);
        } else {
            c.output(0, value.reshape(out));
        }
    }

    @Override
    public void relate(UnitRelations r) {
        String shape = r.node().input(1);
        String out = r.node().output(0);
        long[] sizes = shape.isEmpty() ? new long[0] : TargetSizes.of(r, shape);
        if (sizes == null) {
            r.freeze(r.node().input(0), r.node().label() + COMPUTED);
            return;
        }
        relateShapes(r, r.node().input(0), out);
        for (int a = 0; a < sizes.length; a++) {
            // Only a size that is a number can be changed.
            if (sizes[a] == TargetSizes.COMPUTED && r.units(out, a) != null) {
                r.freeze(out, a, r.node().label() + COMPUTED);
            }
        }
        if (!shape.isEmpty()) {
            // Sizes are no signal.
            r.mention(shape, 0);
        }
    }

    /** Relates the axes of two values with the same elements in row-major order, block of axes by block of axes. */
    static void relateShapes(UnitRelations r, String in, String out) {
        long[] x = r.shape(in);
        long[] y = r.shape(out);
        int i = 0;
        int j = 0;
        while (i < x.length && j < y.length) {
            int i0 = i;
            int j0 = j;
            long a = x[i++];
            long b = y[j++];
            while (a != b) {
                if (a < b && i < x.length) {
                    a = Math.multiplyExact(a, x[i++]);
                } else if (b < a && j < y.length) {
                    b = Math.multiplyExact(b, y[j++]);
                } else {
                    return;
                }
            }
            relateBlock(r, new Block(in, x, i0, i), new Block(out, y, j0, j));
        }
    }

    /** Consecutive axes [from, to) of a value. */
    private record Block(String value, long[] shape, int from, int to) {
        /** The axes longer than 1; the first one where there is none. */
        int[] real() {
            int[] axes = IntStream.range(from, to).filter(a -> shape[a] != 1).toArray();
            return axes.length == 0 ? new int[] {from} : axes;
        }

        long elements() {
            return TensorData.elements(Arrays.copyOfRange(shape, from, to));
        }

        long inner(int axis) {
            return TensorData.elements(Arrays.copyOfRange(shape, axis + 1, to));
        }
    }

    private static void relateBlock(UnitRelations r, Block in, Block out) {
        int[] carriers = IntStream.range(in.from, in.to)
                .filter(a -> r.units(in.value, a) != null)
                .toArray();
        if (carriers.length > 1) {
            // An axis of one index can lose none, such as the examples of a network that takes one at a time.
            for (int a : carriers) {
                if (in.shape[a] == 1) {
                    r.freeze(in.value, a, r.node().label() + " mixes several axes");
                }
            }
            carriers = Arrays.stream(carriers).filter(a -> in.shape[a] != 1).toArray();
        }
        int[] from = in.real();
        int[] to = out.real();
        if (carriers.length == 0 && from.length == 1 && to.length == 1) {
            r.same(in.value, from[0], out.value, to[0]);
        } else if (carriers.length == 1) {
            int carrier = carriers[0];
            boolean alone = from.length == 1 && from[0] == carrier;
            if (alone && to.length == 1 && isSingleHead(r, in, out)) {
                regroup(r, in, carrier, out, out.from);
            } else if (alone && to.length == 1) {
                r.same(in.value, carrier, out.value, to[0]);
            } else {
                regroup(r, in, carrier, out, carrierOf(r, in, carrier, out, to, alone));
                if (to.length == 1) {
                    r.markMerged(out.value, to[0]);
                }
            }
        } else {
            for (int carrier : carriers) {
                r.freeze(in.value, carrier, r.node().label() + " mixes several axes");
            }
        }
    }

    /** Lets an axis of the new block carry the units of one of the old: units that meet at one index become one. */
    private static void regroup(UnitRelations r, Block in, int carrier, Block out, int axis) {
        int[] units = r.units(in.value, carrier);
        if (units == null) {
            return;
        }
        long innerIn = in.inner(carrier);
        long innerOut = out.inner(axis);
        long step = gcd(innerIn, innerOut);
        if (out.shape[axis] > UnitRelations.LONGEST || in.elements() / Math.max(1, step) > UnitRelations.LONGEST) {
            r.freezeTooLong(in.value, carrier);
            return;
        }
        int size = (int) out.shape[axis];
        int[] unitOf = new int[size];
        Arrays.fill(unitOf, -1);
        for (long p = 0; p < in.elements(); p += step) {
            int unit = units[(int) (p / innerIn % units.length)];
            int at = (int) (p / innerOut % size);
            unitOf[at] = unitOf[at] < 0 ? unit : unitOf[at];
            r.unite(unitOf[at], unit);
        }
        r.assign(out.value, axis, unitOf);
    }

    private static long gcd(long a, long b) {
        return b == 0 ? a : gcd(b, a % b);
    }

    /** Whether [B, T, D] becomes [B, T, 1, D] in front of a Transpose: one attention head is left. */
    private static boolean isSingleHead(UnitRelations r, Block in, Block out) {
        return in.from == 2
                && in.to == 3
                && in.shape.length == 3
                && out.to == 4
                && out.from == 2
                && out.shape.length == 4
                && out.shape[2] == 1
                && r.consumers(out.value).stream().anyMatch(n -> n.opType().equals("Transpose"));
    }

    /**
     * Which axis carries the units: one on which no two of them meet that are not one already, where there is one. So an axis that was
     * merged comes apart again, and features of several positions lie one after the other.
     */
    private static int carrierOf(UnitRelations r, Block in, int axis, Block out, int[] to, boolean alone) {
        for (int candidate : to) {
            if (keepsUnitsApart(r, in, axis, out, candidate)) {
                return candidate;
            }
        }
        return alone ? splitCarrier(r, in, axis, out, to) : to[0];
    }

    /**
     * Which of several axes made of one carries its units where they meet on each. Features on the last axis become attention heads: the first axis that is not taken apart
     * into query, key and value, the middle of three where none is; or an image: the first. Channels before positions become the first
     * axis that is not taken apart where one is; else the second of two where a channel shuffle follows, else the first (pixel shuffle).
     */
    private static int splitCarrier(UnitRelations r, Block in, int axis, Block out, int[] to) {
        int rank = in.shape.length;
        if (axis == rank - 1) {
            boolean image = rank == 2 && to[0] == 1;
            return image ? to[0] : heads(r, out, to);
        }
        long apart = Arrays.stream(to)
                .filter(a -> AxisTrace.isTakenApart(r, out.value, a))
                .count();
        if (apart > 0 && apart < to.length) {
            return heads(r, out, to);
        }
        boolean shuffled = to.length == 2
                && r.consumers(out.value).stream().anyMatch(n -> {
                    long[] perm = n.opType().equals("Transpose") ? n.getLongs("perm") : null;
                    return perm != null && to[1] < perm.length && perm[to[0]] == to[1];
                });
        return shuffled ? to[1] : to[0];
    }

    private static int heads(UnitRelations r, Block out, int[] to) {
        int[] whole = Arrays.stream(to)
                .filter(a -> !AxisTrace.isTakenApart(r, out.value, a))
                .toArray();
        return whole.length == 0 || whole.length == to.length ? to[(to.length - 1) / 2] : whole[0];
    }

    /** Whether all units that meet at one index of the new axis are the same unit. */
    private static boolean keepsUnitsApart(UnitRelations r, Block in, int carrier, Block out, int axis) {
        int[] units = r.units(in.value, carrier);
        if (units == null) {
            return false;
        }
        long innerIn = in.inner(carrier);
        long innerOut = out.inner(axis);
        long step = gcd(innerIn, innerOut);
        if (out.shape[axis] > UnitRelations.LONGEST || in.elements() / Math.max(1, step) > UnitRelations.LONGEST) {
            return false;
        }
        int size = (int) out.shape[axis];
        int[] unitOf = new int[size];
        Arrays.fill(unitOf, -1);
        for (long p = 0; p < in.elements(); p += step) {
            int unit = units[(int) (p / innerIn % units.length)];
            int at = (int) (p / innerOut % size);
            if (unitOf[at] >= 0 && unitOf[at] != unit) {
                return false;
            }
            unitOf[at] = unit;
        }
        return true;
    }

    @Override
    public void shrink(NodeShrink s) {
        String out = s.node().output(0);
        TensorData target = s.constant(s.node().input(1));
        if (target == null) {
            long[] entries = new long[s.shape(out).length];
            for (int axis = 0; axis < entries.length; axis++) {
                entries[axis] = s.kept(out, axis) != null ? s.newShape(out)[axis] : -1;
            }
            s.setEntries(1, entries);
            return;
        }
        long[] sizes = target.toLongs();
        boolean changed = false;
        for (int axis = 0; axis < sizes.length; axis++) {
            if (sizes[axis] > 0 && s.kept(out, axis) != null) {
                sizes[axis] = s.newShape(out)[axis];
                changed = true;
            }
        }
        if (changed) {
            s.setInput(1, TensorData.vector(sizes));
        }
    }

    @Override
    public boolean keepsExamplesApart(ExampleRows r) {
        // Elements stay in their order; a first axis that went elsewhere would show in the shape.
        return true;
    }

    @Override
    public boolean takesSizes(Node n, int input) {
        return input == 1;
    }
}
