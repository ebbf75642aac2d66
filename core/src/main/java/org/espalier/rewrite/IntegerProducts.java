package org.espalier.rewrite;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.espalier.graph.Attribute;
import org.espalier.graph.ElementType;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;

/**
 * Products of integers whose scales show only when the network runs, as dynamic quantisation leaves them: the scale by which a value was
 * divided is multiplied in again behind the product, so that both go.
 */
final class IntegerProducts implements QuantisedOperator {
    @Override
    public List<String> names() {
        return List.of(
                "DynamicQuantizeLinear",
                "MatMulInteger",
                "ConvInteger",
                "MatMulIntegerToFloat",
                "DynamicQuantizeMatMul",
                "DynamicQuantizeLSTM");
    }

    @Override
    public void dequantise(Node n, FloatForm f) {
        switch (n.opType()) {
            case "DynamicQuantizeLinear" -> {
                String scale = n.output(1);
                f.define(n.output(0), new FloatForm.Scaled(f.now(n.input(0)), Map.of(scale, -1)));
                f.define(scale, new FloatForm.Scaled("", Map.of(scale, 1)));
                f.defineZero(n.output(2), scale);
            }
            case "MatMulInteger" -> f.define(n.output(0), product(n, "MatMul", 2, 3, f));
            case "ConvInteger" -> f.define(n.output(0), product(n, "Conv", 2, 3, f));
            case "MatMulIntegerToFloat" -> toFloat(n, f);
            case "DynamicQuantizeMatMul" -> {
                String b = f.floats(n, n.input(1), f.scale(n, 2, -1));
                biased(n, f.add(n, "MatMul", List.of(f.now(n.input(0)), b), Map.of()), 4, f);
            }
            default -> lstm(n, f);
        }
    }

    private static FloatForm.Scaled product(Node n, String op, int zeroA, int zeroB, FloatForm f) {
        FloatForm.Scaled a = operand(n, 0, zeroA, op, f);
        FloatForm.Scaled b = operand(n, 1, zeroB, op, f);
        Map<String, Attribute> attributes = op.equals("Conv") ? n.attributes() : Map.of();
        return a.times(b, f.add(n, op, List.of(a.value(), b.value()), attributes));
    }

    private static FloatForm.Scaled operand(Node n, int i, int zero, String op, FloatForm f) {
        String value = n.input(i);
        FloatForm.Scaled s = f.scaled(value);
        if (s != null) {
            if (!f.goesWith(n.input(zero), s)) {
                throw new NotInFloats(n.label() + ": input " + zero + " is not the zero point of '" + value + "'");
            }
            return s;
        }
        FloatForm.Quantised q = f.quantised(value);
        if (q != null && q.how().isOfOneScale()) {
            String inverse = f.edit().number(n, 1 / q.how().scale().getDouble(0));
            return new FloatForm.Scaled(f.edit().add(n, "Mul", q.value(), inverse), Map.of());
        }
        TensorData z = n.hasInput(zero) ? f.required(n, zero) : null;
        TensorData ones = TensorData.full(1, z == null ? new long[0] : z.shape());
        int axis = i == 0 ? 0 : op.equals("Conv") ? 0 : -1;
        Quantisation how = Quantisation.of(ones, z, axis, 0, ElementType.UINT8);
        return new FloatForm.Scaled(f.floats(n, value, how), Map.of());
    }

    private static void toFloat(Node n, FloatForm f) {
        FloatForm.Scaled a = operand(n, 0, 4, "MatMul", f);
        TensorData zero = n.hasInput(5) ? f.required(n, 5) : null;
        FloatForm.Scaled b = f.scaled(n.input(1)) != null
                ? operand(n, 1, 5, "MatMul", f)
                : new FloatForm.Scaled(
                        f.floats(n, n.input(1), Quantisation.of(f.required(n, 3), zero, -1, 0, ElementType.UINT8)),
                        Map.of());
        FloatForm.Scaled all = a.times(b, f.add(n, "MatMul", List.of(a.value(), b.value()), Map.of()));
        all = times(n, all, f.numbers(n.input(2)), f);
        if (f.scaled(n.input(1)) != null) {
            all = times(n, all, f.numbers(n.input(3)), f);
        }
        if (!all.powers().isEmpty()) {
            throw new NotInFloats(n.label() + ": its scales are not those of its inputs");
        }
        biased(n, all.value(), 6, f);
    }

    private static FloatForm.Scaled times(Node n, FloatForm.Scaled a, FloatForm.Scaled b, FloatForm f) {
        String value = b.value().isEmpty() ? a.value() : f.edit().add(n, "Mul", a.value(), b.value());
        return a.times(b, value);
    }

    private static void biased(Node n, String product, int bias, FloatForm f) {
        f.rename(n.output(0), n.hasInput(bias) ? f.edit().add(n, "Add", product, f.now(n.input(bias))) : product);
    }

    /** Weights lie as [directions, inputs, gates]; their scales belong to a direction, or to a gate's unit of one. */
    private static void lstm(Node n, FloatForm f) {
        Map<String, Attribute> attributes = new LinkedHashMap<>(n.attributes());
        List<String> in = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            in.add(f.now(n.input(i)));
        }
        in.set(1, weight(n, 1, 8, f));
        in.set(2, weight(n, 2, 10, f));
        while (in.get(in.size() - 1).isEmpty()) {
            in.remove(in.size() - 1);
        }
        f.keep(Node.of(n.name(), "LSTM", in, n.outputs(), attributes));
    }

    private static String weight(Node n, int i, int scale, FloatForm f) {
        TensorData w = f.required(n, i);
        TensorData s = f.required(n, scale);
        TensorData z = f.required(n, scale + 1);
        long[] shape = w.shape();
        TensorData floats = s.elements() == 1
                ? Quantisation.of(s, z).floats(w)
                : new Quantisation(spread(s, shape), spread(z, shape), 1, shape[1]).floats(w);
        return f.edit().constant(n.input(i) + ".float", floats.transpose(new int[] {0, 2, 1}));
    }

    /** Scales [directions] or [directions, gates] as those of a block of all inputs [directions, 1, gates]. */
    private static TensorData spread(TensorData t, long[] shape) {
        TensorData deep = t.rank() == 1 ? t.reshape(shape[0], 1, 1) : t.reshape(shape[0], 1, shape[2]);
        return deep.expand(new long[] {shape[0], 1, shape[2]});
    }
}
