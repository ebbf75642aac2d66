package org.espalier.ops;

import java.util.List;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;

/** Stretches axes of size 1 to a given shape. */
final class ExpandOp implements Operator {
    @Override
    public List<String> names() {
        return List.of("Expand");
    }

    @Override
    public void infer(NodeInference c) {
        TensorData target = c.constant(1);
        if (target == null) {
            return;
        }
        long[] out = BroadcastOp.broadcast(c, c.shape(0), target.toLongs());
        TensorData value = c.constant(0);
        if (value != null && c.folds(out)) {
            c.output(0, value.expand(out));
        } else {
            c.output(0, c.type(0), out);
        }
    }

    @Override
    public void relate(UnitRelations r) {
        String x = r.node().input(0);
        String y = r.node().output(0);
        long[] in = r.shape(x);
        long[] out = r.shape(y);
        // Sizes are no signal.
        r.mention(r.node().input(1), 0);
        for (int a = 0; a < in.length; a++) {
            int to = a + out.length - in.length;
            // A size above 1 is the output's, whatever is computed for the others.
            if (in[a] == out[to] && (in[a] > 1 || r.constant(r.node().input(1)) != null)) {
                r.same(x, a, y, to);
            }
        }
    }

    @Override
    public void shrink(NodeShrink s) {
        String y = s.node().output(0);
        String sizes = s.node().input(1);
        TensorData target = s.constant(sizes);
        int shift = s.shape(y).length - (int) TensorData.elements(s.shape(sizes));
        long[] entries = target == null ? new long[s.shape(y).length - shift] : target.toLongs();
        for (int i = 0; i < entries.length; i++) {
            boolean cut = s.kept(y, i + shift) != null;
            entries[i] = target == null ? (cut ? 1 : -1) : entries[i] == 1 ? 1 : s.newShape(y)[i + shift];
        }
        if (target == null) {
            s.setEntries(1, entries);
        } else {
            s.setInput(1, TensorData.vector(entries));
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
