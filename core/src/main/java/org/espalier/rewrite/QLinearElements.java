package org.espalier.rewrite;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.espalier.graph.Attribute;
import org.espalier.graph.Node;

/** Operators without weights of ONNX Runtime's set on quantised values: sums, products, activations, pooling. */
final class QLinearElements implements QuantisedOperator {
    @Override
    public List<String> names() {
        return List.of(
                "QLinearAdd",
                "QLinearMul",
                "QLinearSigmoid",
                "QLinearLeakyRelu",
                "QLinearAveragePool",
                "QLinearGlobalAveragePool",
                "QLinearReduceMean",
                "QLinearSoftmax",
                "QLinearConcat",
                "QLinearWhere");
    }

    @Override
    public void dequantise(Node n, FloatForm f) {
        if (n.getLong("channels_last", 0) != 0) {
            throw new NotInFloats(n.label() + ": has its channels on the last axis");
        }
        String op = n.opType().substring("QLinear".length());
        Map<String, Attribute> attributes = new LinkedHashMap<>(n.attributes());
        attributes.remove("channels_last");
        attributes.remove("opset");
        int scales;
        List<String> in = new ArrayList<>();
        switch (op) {
            case "Add", "Mul" -> {
                in.add(f.floats(n, n.input(0), f.scale(n, 1)));
                in.add(f.floats(n, n.input(3), f.scale(n, 4)));
                scales = 6;
            }
            case "Where" -> {
                in.add(f.now(n.input(0)));
                in.add(f.floats(n, n.input(1), f.scale(n, 2)));
                in.add(f.floats(n, n.input(4), f.scale(n, 5)));
                scales = 7;
            }
            case "Concat" -> {
                for (int i = 2; i < n.inputs().size(); i += 3) {
                    in.add(f.floats(n, n.input(i), f.scale(n, i + 1)));
                }
                scales = 0;
            }
            default -> {
                in.add(f.floats(n, n.input(0), f.scale(n, 1)));
                scales = 3;
            }
        }
        f.quantise(n, f.add(n, op, in, attributes), n.output(0), f.scale(n, scales));
    }
}
