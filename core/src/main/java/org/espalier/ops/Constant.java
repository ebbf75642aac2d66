package org.espalier.ops;

import org.espalier.graph.Attribute;
import org.espalier.graph.Tensor;

/** A constant that stands in a node. */
final class Constant implements Operator {
    @Override
    public void infer(Inference c) {
        for (var e : c.node().attributes().entrySet()) {
            Attribute a = e.getValue();
            if (a instanceof Attribute.OfTensor t) {
                c.output(0, t.value());
            } else if (a instanceof Attribute.OfLong v) {
                c.output(0, Tensor.ofLongs(new long[] {v.value()}));
            } else if (a instanceof Attribute.OfLongs v) {
                c.output(0, Tensor.vector(v.toArray()));
            } else if (a instanceof Attribute.OfFloat v) {
                c.output(0, Tensor.ofFloats(new float[] {v.value()}));
            } else if (a instanceof Attribute.OfFloats v) {
                float[] f = new float[v.values().size()];
                for (int i = 0; i < f.length; i++) {
                    f[i] = v.values().get(i);
                }
                c.output(0, Tensor.ofFloats(f, f.length));
            }
        }
    }
}
