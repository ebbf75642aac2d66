package org.espalier.ops;

import java.util.List;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;

/** Repeats a tensor along its axes: each unit is repeated with it. */
final class TileOp implements Operator {
    @Override
    public List<String> names() {
        return List.of("Tile");
    }

    @Override
    public void infer(NodeInference c) {
        long[] out = c.shape(0);
        TensorData repeats = c.constant(1);
        if (repeats == null) {
            return;
        }
        if (repeats.elements() != out.length) {
            throw c.shapeError("repeats must have one number per axis");
        }
        for (int a = 0; a < out.length; a++) {
            out[a] = Math.multiplyExact(out[a], repeats.getLong(a));
        }
        c.output(0, c.type(0), out);
    }

    @Override
    public void relate(UnitRelations r) {
        String x = r.node().input(0);
        String y = r.node().output(0);
        long[] in = r.shape(x);
        for (int a = 0; a < in.length && r.constant(r.node().input(1)) != null; a++) {
            if (r.units(x, a) == null) {
                continue;
            }
            if (r.shape(y)[a] > UnitRelations.LONGEST) {
                r.freezeTooLong(x, a);
                continue;
            }
            int[] index = new int[(int) r.shape(y)[a]];
            for (int i = 0; i < index.length; i++) {
                index[i] = (int) (i % in[a]);
            }
            r.select(x, a, y, a, index);
        }
    }

    @Override
    public boolean keepsExamplesApart(ExampleRows r) {
        return r.areOfFirstInput() && r.keepsRowCount();
    }

    @Override
    public boolean repeatsRows(Node n) {
        return true;
    }

    @Override
    public boolean takesSizes(Node n, int input) {
        return input == 1;
    }
}
