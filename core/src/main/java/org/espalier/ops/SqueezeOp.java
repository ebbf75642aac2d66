package org.espalier.ops;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.espalier.graph.Attribute;
import org.espalier.graph.TensorData;
import org.jspecify.annotations.Nullable;

/** Takes axes of size 1 out: those given, or all. */
final class SqueezeOp implements Operator {
    @Override
    public List<String> names() {
        return List.of("Squeeze");
    }

    @Override
    public void infer(NodeInference c) {
        long[] x = c.shape(0);
        long[] given = c.longs("axes", 1);
        if (given == null && c.node().hasInput(1)) {
            return;
        }
        int[] axes = axes(given == null ? null : Axes.checked(c, given, x.length), x);
        for (int a : axes) {
            if (x[a] != 1) {
                throw c.shapeError("axis " + a + " must have size 1");
            }
        }
        long[] out = IntStream.range(0, x.length)
                .filter(a -> !Axes.contains(axes, a))
                .mapToLong(a -> x[a])
                .toArray();
        TensorData value = c.constant(0);
        if (value == null) {
            c.output(0, c.type(0), out);
        } else {
            c.output(0, value.reshape(out));
        }
    }

    private static int[] axes(int @Nullable [] given, long[] x) {
        return given != null
                ? given
                : IntStream.range(0, x.length).filter(a -> x[a] == 1).toArray();
    }

    @Override
    public void relate(UnitRelations r) {
        String x = r.node().input(0);
        long[] shape = r.shape(x);
        long[] given = r.longs("axes", 1);
        int[] axes = axes(given == null ? null : Axes.of(given, shape.length), shape);
        int out = 0;
        for (int a = 0; a < shape.length; a++) {
            if (!Axes.contains(axes, a)) {
                r.same(x, a, r.node().output(0), out++);
            }
        }
    }

    /** Where no axes are given, one that shrinks to 1 must not vanish. */
    @Override
    public void shrink(NodeShrink s) {
        if (s.longs("axes", 1) == null) {
            long[] axes = Arrays.stream(axes(null, s.shape(s.node().input(0))))
                    .asLongStream()
                    .toArray();
            if (s.opset() < 13) {
                s.setAttribute("axes", Attribute.of(axes));
            } else {
                s.setInput(1, TensorData.vector(axes));
            }
        }
    }

    @Override
    public boolean keepsExamplesApart(ExampleRows r) {
        // Elements stay in their order.
        return true;
    }
}
