package org.espalier.rewrite;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.espalier.graph.Attribute;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;

/** QLinearConv, QLinearMatMul and QGemm: layers with weights. Their biases have the product of both scales. */
final class QLinearLayers implements QuantisedOperator {
    private static final int LAST = -1;

    @Override
    public List<String> names() {
        return List.of("QLinearConv", "QLinearMatMul", "QGemm");
    }

    @Override
    public void dequantise(Node n, FloatForm f) {
        switch (n.opType()) {
            case "QLinearConv" -> conv(n, f);
            case "QLinearMatMul" -> {
                List<String> in =
                        List.of(f.floats(n, n.input(0), f.scale(n, 1)), f.floats(n, n.input(3), f.scale(n, 4, LAST)));
                f.quantise(n, f.add(n, "MatMul", in, Map.of()), n.output(0), f.scale(n, 6));
            }
            default -> gemm(n, f);
        }
    }

    private static void conv(Node n, FloatForm f) {
        if (n.getLong("channels_last", 0) != 0) {
            throw new NotInFloats(n.label() + ": has its channels on the last axis");
        }
        List<String> in = new ArrayList<>();
        in.add(f.floats(n, n.input(0), f.scale(n, 1)));
        in.add(f.floats(n, n.input(3), f.scale(n, 4, 0)));
        if (n.hasInput(8)) {
            in.add(bias(n, 8, f.scale(n, 1).scale(), f.scale(n, 4).scale(), f));
        }
        f.quantise(n, f.add(n, "Conv", in, n.attributes()), n.output(0), f.scale(n, 6));
    }

    private static void gemm(Node n, FloatForm f) {
        boolean transposed = n.getLong("transB", 0) != 0;
        List<String> in = new ArrayList<>();
        in.add(f.floats(n, n.input(0), f.scale(n, 1)));
        in.add(f.floats(n, n.input(3), f.scale(n, 4, transposed ? 0 : 1)));
        Map<String, Attribute> attributes = new LinkedHashMap<>(n.attributes());
        if (n.hasInput(6)) {
            // Its scale has alpha in it.
            TensorData alpha = TensorData.ofFloats(new float[] {n.getFloat("alpha", 1)});
            TensorData x = product(f.scale(n, 1).scale(), alpha);
            in.add(bias(n, 6, x, f.scale(n, 4).scale(), f));
        }
        if (!n.hasInput(7)) {
            f.rename(n.output(0), f.add(n, "Gemm", in, attributes));
        } else {
            f.quantise(n, f.add(n, "Gemm", in, attributes), n.output(0), f.scale(n, 7));
        }
    }

    private static String bias(Node n, int i, TensorData x, TensorData w, FloatForm f) {
        TensorData given = f.required(n, i);
        TensorData scale = product(w, x);
        Quantisation how = Quantisation.of(scale, null, given.rank() - 1, 0, given.type());
        return f.edit().constant(n.input(i) + ".float", how.floats(given));
    }

    /** A vector, or one number, times one number. */
    private static TensorData product(TensorData many, TensorData one) {
        double[] v = many.toDoubles();
        for (int i = 0; i < v.length; i++) {
            v[i] *= one.getDouble(0);
        }
        return TensorData.ofDoubles(v, many.shape()).as(many.type());
    }
}
