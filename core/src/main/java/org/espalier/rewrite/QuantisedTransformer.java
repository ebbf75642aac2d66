package org.espalier.rewrite;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.espalier.graph.Attribute;
import org.espalier.graph.ElementType;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;

/** QAttention and QEmbedLayerNormalization become Attention and EmbedLayerNormalization of ONNX Runtime's set, which are taken apart next. */
final class QuantisedTransformer implements QuantisedOperator {
    private static final List<String> EMBEDDINGS = List.of("word", "position", "segment", "scale", "shift");

    @Override
    public List<String> names() {
        return List.of("QAttention", "QEmbedLayerNormalization");
    }

    @Override
    public void dequantise(Node n, FloatForm f) {
        if (n.opType().equals("QAttention")) {
            attention(n, f);
        } else {
            embedding(n, f);
        }
    }

    private static void attention(Node n, FloatForm f) {
        FloatForm.Scaled x = f.scaled(n.input(0));
        String value;
        if (x != null) {
            FloatForm.Scaled whole = x.times(f.numbers(n.input(3)), x.value());
            if (!whole.powers().isEmpty() || !f.goesWith(n.input(6), x)) {
                throw new NotInFloats(n.label() + ": its scales are not those of its inputs");
            }
            value = x.value();
        } else {
            TensorData zero = n.hasInput(6) ? f.required(n, 6) : null;
            value = f.floats(n, n.input(0), Quantisation.of(f.required(n, 3), zero));
        }
        TensorData zero = n.hasInput(7) ? f.required(n, 7) : null;
        Quantisation how = Quantisation.of(f.required(n, 4), zero, -1, 0, ElementType.UINT8);
        List<String> in = new ArrayList<>(List.of(value, f.floats(n, n.input(1), how), f.now(n.input(2))));
        in.add(f.now(n.input(5)));
        if (n.hasInput(8)) {
            in.add(f.now(n.input(8)));
        }
        while (in.get(in.size() - 1).isEmpty()) {
            in.remove(in.size() - 1);
        }
        f.keep(new Node(n.name(), "Attention", n.domain(), in, n.outputs(), n.attributes()));
    }

    private static void embedding(Node n, FloatForm f) {
        List<String> in = new ArrayList<>(List.of(f.now(n.input(0)), f.now(n.input(1))));
        for (int i = 0; i < EMBEDDINGS.size(); i++) {
            TensorData zero = n.hasInput(13 + i) ? f.required(n, 13 + i) : null;
            in.add(n.hasInput(2 + i) ? f.floats(n, n.input(2 + i), Quantisation.of(f.required(n, 8 + i), zero)) : "");
        }
        if (n.hasInput(7)) {
            in.add(f.now(n.input(7)));
        }
        Map<String, Attribute> attributes = new LinkedHashMap<>(n.attributes());
        f.keep(new Node(n.name(), "EmbedLayerNormalization", n.domain(), in, n.outputs(), attributes));
    }
}
