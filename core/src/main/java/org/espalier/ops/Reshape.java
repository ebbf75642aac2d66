package org.espalier.ops;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.espalier.graph.Tensor;

/**
 * Gives a tensor another shape. Where several axes become one, each unit of the one that carries units is repeated for all positions of
 * the others; where one axis becomes several, one of those carries the units and what differs only along the others is tied.
 */
final class Reshape implements Operator {
    @Override
    public void infer(Inference c) {
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
                known *= out[i];
            }
        }
        long elements = Tensor.elements(x);
        if (free >= 0 && known > 0) {
            out[free] = elements / known;
        }
        if (Arrays.stream(out).anyMatch(d -> d < 0) || Tensor.elements(out) != elements) {
            throw c.shapeError("new shape " + Arrays.toString(target) + " must have as many elements as the old one");
        }
        Tensor value = c.constant(0);
        if (value == null) {
            c.output(0, c.type(0), out);
        } else {
            c.output(0, value.reshape(out));
        }
    }

    @Override
    public void relate(Relations r) {
        String shape = r.node().input(1);
        if (!shape.isEmpty() && r.constant(shape) == null) {
            r.freeze(r.node().input(0), r.node().label() + " has a shape that is computed from other values");
            return;
        }
        relateShapes(r, r.node().input(0), r.node().output(0));
    }

    /** Relates the axes of two values with the same elements in row-major order, block of axes by block of axes. */
    static void relateShapes(Relations r, String in, String out) {
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
                    a *= x[i++];
                } else if (b < a && j < y.length) {
                    b *= y[j++];
                } else {
                    return;
                }
            }
            relateBlock(r, new Axes(in, x, i0, i), new Axes(out, y, j0, j));
        }
    }

    /** Consecutive axes [from, to) of a value. */
    private record Axes(String value, long[] shape, int from, int to) {
        /** The axes longer than 1; the first one where there is none. */
        int[] real() {
            int[] axes = IntStream.range(from, to).filter(a -> shape[a] != 1).toArray();
            return axes.length == 0 ? new int[] {from} : axes;
        }

        int inner(int axis) {
            int n = 1;
            for (int a = axis + 1; a < to; a++) {
                n *= (int) shape[a];
            }
            return n;
        }
    }

    private static void relateBlock(Relations r, Axes in, Axes out) {
        int[] carriers = IntStream.range(in.from, in.to)
                .filter(a -> r.units(in.value, a) != null)
                .toArray();
        int[] from = in.real();
        int[] to = out.real();
        if (carriers.length == 0 && from.length == 1 && to.length == 1) {
            r.same(in.value, from[0], out.value, to[0]);
        } else if (carriers.length == 1) {
            int carrier = carriers[0];
            boolean alone = from.length == 1 && from[0] == carrier;
            if (alone && to.length == 1) {
                r.same(in.value, carrier, out.value, to[0]);
            } else if (to.length == 1) {
                merge(r, in, carrier, out.value, to[0]);
            } else if (alone) {
                split(r, in.value, carrier, out, to);
            } else {
                r.freeze(in.value, carrier, r.node().label() + " spreads it over several axes");
            }
        } else {
            for (int carrier : carriers) {
                r.freeze(in.value, carrier, r.node().label() + " mixes several axes");
            }
        }
    }

    private static void merge(Relations r, Axes in, int carrier, String out, int axis) {
        int size = (int) in.shape[carrier];
        int inner = in.inner(carrier);
        int[] index = new int[(int) r.shape(out)[axis]];
        for (int k = 0; k < index.length; k++) {
            index[k] = k / inner % size;
        }
        r.select(in.value, carrier, out, axis, index);
        r.markMerged(out, axis);
    }

    /**
     * Channels before spatial axes (channel shuffle) are carried by the last of the new axes, features on the last axis (attention heads)
     * by the first of two, the middle of three.
     */
    private static void split(Relations r, String in, int axis, Axes out, int[] to) {
        boolean features = axis == r.shape(in).length - 1;
        int carrier = features ? to[(to.length - 1) / 2] : to[to.length - 1];
        int size = (int) out.shape[carrier];
        int inner = out.inner(carrier);
        int[] units = r.units(in, axis);
        if (units == null) {
            return;
        }
        int[] representative = new int[size];
        Arrays.fill(representative, -1);
        for (int k = 0; k < units.length; k++) {
            int at = k / inner % size;
            if (representative[at] < 0) {
                representative[at] = units[k];
            }
            r.unite(representative[at], units[k]);
        }
        r.assign(out.value, carrier, representative);
    }

    @Override
    public void shrink(Shrinking s) {
        String out = s.node().output(0);
        Tensor target = s.constant(s.node().input(1));
        if (target == null) {
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
            s.setInput(1, Tensor.vector(sizes));
        }
    }
}
