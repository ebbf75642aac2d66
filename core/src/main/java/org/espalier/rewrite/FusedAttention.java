package org.espalier.rewrite;

import java.util.ArrayList;
import java.util.List;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;

/**
 * Attention of ONNX Runtime's own set: one weight for queries, keys and values, masks of several shapes. Forms that keep keys and values of
 * earlier calls, or that rotate, stay as they are.
 */
final class FusedAttention implements FusedOperator {
    private static final int MASK = 3;
    private static final int SCORES = 5;
    private static final long OLDEST = 11;

    @Override
    public List<String> names() {
        return List.of("Attention");
    }

    @Override
    public boolean unfuse(Node n, GraphEdit g) {
        TensorData weight = g.known(n.input(1));
        TensorData bias = g.known(n.input(2));
        long heads = n.getLong("num_heads", 0);
        boolean state = n.hasInput(4) || n.hasInput(6) || !n.output(1).isEmpty() || n.getLong("do_rotary", 0) != 0;
        if (weight == null || (n.hasInput(2) && bias == null) || state || heads <= 0 || g.opset() < OLDEST) {
            return false;
        }
        long[] given = n.getLongs("qkv_hidden_sizes");
        long third = weight.size(1) / 3;
        long[] sizes = given == null ? new long[] {third, third, third} : given;
        int mask = n.hasInput(MASK) ? g.rank(n.input(MASK)) : 0;
        boolean lengths = mask == 1 && g.size(n.input(MASK), 0) == g.size(n.input(0), 0);
        if (n.hasInput(MASK) && !lengths && mask != 2 && mask != 3) {
            return false;
        }
        Heads h = new Heads(n, g);
        String[] qkv = new String[3];
        long from = 0;
        for (int i = 0; i < 3; i++) {
            String part = List.of("query", "key", "value").get(i);
            String w = g.constant(n.input(1) + "." + part, Heads.part(weight, 1, from, sizes[i]));
            qkv[i] = g.add(n, "MatMul", n.input(0), w);
            if (bias != null) {
                qkv[i] = g.add(
                        n, "Add", qkv[i], g.constant(n.input(2) + "." + part, Heads.part(bias, 0, from, sizes[i])));
            }
            from += sizes[i];
        }
        List<String> biases = new ArrayList<>();
        if (n.hasInput(MASK)) {
            biases.add(h.fromMask(mask(n, mask, h, g)));
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

    private static String mask(Node n, int rank, Heads h, GraphEdit g) {
        String mask = n.input(MASK);
        return switch (rank) {
            case 1 -> h.fromLengths(mask, n.input(0));
            case 2 -> g.unsqueeze(n, mask, 1, 2);
            default -> g.unsqueeze(n, mask, 1);
        };
    }
}
