package org.espalier.rewrite;

import java.util.ArrayList;
import java.util.List;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;

/**
 * MultiHeadAttention of ONNX Runtime's own set, of queries, keys and values [N, S, heads·size]. Packed and already split forms, and those
 * that keep keys and values of earlier calls, stay as they are.
 */
final class FusedMultiHeadAttention implements FusedOperator {
    private static final int BIAS = 3;
    private static final int MASK = 4;
    private static final int SCORES = 5;
    private static final long OLDEST = 11;

    @Override
    public List<String> names() {
        return List.of("MultiHeadAttention");
    }

    @Override
    public boolean unfuse(Node n, GraphEdit g) {
        long heads = n.getLong("num_heads", 0);
        TensorData bias = g.known(n.input(BIAS));
        boolean state = n.inputs().size() > 6 || !n.output(1).isEmpty();
        boolean split = g.rank(n.input(0)) != 3 || g.rank(n.input(1)) != 3 || g.rank(n.input(2)) != 3;
        int mask = n.hasInput(MASK) ? g.rank(n.input(MASK)) : 0;
        boolean lengths = mask == 1 && g.size(n.input(MASK), 0) == g.size(n.input(1), 0);
        boolean masked = !n.hasInput(MASK) || lengths || mask == 2 || mask == 3;
        if (heads <= 0 || state || split || !masked || (n.hasInput(BIAS) && bias == null) || g.opset() < OLDEST) {
            return false;
        }
        long[] sizes = {g.size(n.input(0), 2), g.size(n.input(1), 2), g.size(n.input(2), 2)};
        String[] qkv = new String[3];
        long from = 0;
        for (int i = 0; i < 3; i++) {
            qkv[i] = n.input(i);
            if (bias != null) {
                String part = List.of("query", "key", "value").get(i);
                String b = g.constant(n.input(BIAS) + "." + part, Heads.part(bias, 0, from, sizes[i]));
                qkv[i] = g.add(n, "Add", qkv[i], b);
            }
            from += sizes[i];
        }
        Heads h = new Heads(n, g);
        List<String> biases = new ArrayList<>();
        if (n.hasInput(MASK)) {
            String given = n.input(MASK);
            biases.add(h.fromMask(
                    lengths
                            ? h.fromLengths(given, n.input(1))
                            : mask == 2 ? g.unsqueeze(n, given, 1, 2) : g.unsqueeze(n, given, 1)));
        }
        if (n.getLong("unidirectional", 0) != 0) {
            biases.add(h.causal(n.input(0)));
        }
        if (n.hasInput(SCORES)) {
            biases.add(n.input(SCORES));
        }
        h.attend(qkv[0], qkv[1], qkv[2], sizes[0] / heads, sizes[2] / heads, biases);
        return true;
    }
}
