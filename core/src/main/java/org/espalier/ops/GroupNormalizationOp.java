package org.espalier.ops;

import java.util.List;
import org.espalier.graph.Attribute;

/**
 * Normalises groups of neighbouring channels: x [N, C, …], scale and shift [C] (before operator set 21 one per group). All groups have the
 * same size, so that the channels of a group live or die together; a single group counts the channels that are left.
 */
final class GroupNormalizationOp implements Operator {
    @Override
    public List<String> names() {
        return List.of("GroupNormalization");
    }

    @Override
    public void infer(NodeInference c) {
        long[] x = c.shape(0);
        long groups = c.node().getLong("num_groups", 0);
        if (x.length < 2 || groups < 1 || x[1] % groups != 0) {
            throw c.shapeError("channels must be a multiple of num_groups (" + groups + ")");
        }
        long length = c.shape(1).length == 1 && c.shape(1)[0] == groups ? groups : x[1];
        c.requireVector(1, length);
        c.requireVector(2, length);
        c.output(0, c.type(0), x);
    }

    @Override
    public void relate(UnitRelations r) {
        String x = r.node().input(0);
        String y = r.node().output(0);
        int channels = (int) r.shape(x)[1];
        int[] units = r.units(x, 1);
        int groups = (int) Math.min(r.node().getLong("num_groups", 1), Integer.MAX_VALUE);
        int each = channels / groups;
        if (groups == 1) {
            r.normalize(x, 1);
        }
        for (int c = 0; units != null && groups > 1 && c < channels; c++) {
            r.unite(units[c], units[c / each * each]);
        }
        r.same(x, 0, y, 0);
        r.same(x, 1, y, 1);
        for (int i = 1; i <= 2; i++) {
            String constant = r.node().input(i);
            int[] index = new int[(int) r.shape(constant)[0]];
            for (int k = 0; k < index.length; k++) {
                index[k] = index.length == channels ? k : k * each;
            }
            r.select(y, 1, constant, 0, index);
        }
    }

    @Override
    public void shrink(NodeShrink s) {
        String x = s.node().input(0);
        long groups = s.node().getLong("num_groups", 1);
        if (groups > 1) {
            s.setAttribute("num_groups", Attribute.of(s.newShape(x)[1] / (s.shape(x)[1] / groups)));
        }
    }

    @Override
    public boolean keepsExamplesApart(ExampleRows r) {
        return r.areOfFirstInput();
    }
}
