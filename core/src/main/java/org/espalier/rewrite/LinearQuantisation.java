package org.espalier.rewrite;

import java.util.List;
import org.espalier.graph.ElementType;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;

/** QuantizeLinear: what is cut off stays cut off, rounding goes. DequantizeLinear: the floats themselves. */
final class LinearQuantisation implements QuantisedOperator {
    @Override
    public List<String> names() {
        return List.of("QuantizeLinear", "DequantizeLinear");
    }

    @Override
    public void dequantise(Node n, FloatForm f) {
        boolean forward = n.opType().equals("QuantizeLinear");
        long made = n.getLong("output_dtype", 0);
        if (made != 0 && forward && !ElementType.isSupported((int) made)) {
            throw new NotInFloats(n.label() + ": makes element type " + made + ", expected integers of 8 or 16 bits");
        }
        ElementType type = made != 0 && forward ? ElementType.ofOnnx((int) made, n.label()) : ElementType.UINT8;
        TensorData zero = n.hasInput(2) ? f.required(n, 2) : null;
        Quantisation how =
                Quantisation.of(f.required(n, 1), zero, (int) n.getLong("axis", 1), n.getLong("block_size", 0), type);
        if (!forward) {
            f.rename(n.output(0), f.floats(n, n.input(0), how));
            return;
        }
        TensorData constant = f.known(n.input(0));
        if (constant != null) {
            String rounded = f.edit().constant(n.input(0) + ".rounded", how.rounded(constant));
            f.define(n.output(0), rounded, how);
        } else {
            f.quantise(n, f.now(n.input(0)), n.output(0), how);
        }
    }
}
