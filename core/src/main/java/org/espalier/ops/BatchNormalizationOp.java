package org.espalier.ops;

import java.util.Arrays;
import java.util.List;
import org.espalier.graph.TensorData;

/**
 * Batch normalisation over axis 1: x [N, C, …], and scale, shift, mean, variance [C] each. Of constants by their own statistics it gives
 * constants: so networks that standardise their weights are exported.
 */
final class BatchNormalizationOp implements Operator {
    @Override
    public List<String> names() {
        return List.of("BatchNormalization");
    }

    @Override
    public void infer(NodeInference c) {
        long[] x = c.shape(0);
        for (int i = 1; i < 5; i++) {
            if (x.length < 2 || c.rank(i) != 1 || c.shape(i)[0] != x[1]) {
                throw c.shapeError("statistics must have one value per channel");
            }
        }
        if (c.node().getLong("training_mode", 0) == 0 || !standardised(c, x)) {
            c.output(0, c.type(0), x);
        }
    }

    /** States the outputs where all inputs are constants. */
    private static boolean standardised(NodeInference c, long[] shape) {
        TensorData[] in = new TensorData[5];
        for (int i = 0; i < in.length; i++) {
            TensorData t = c.constant(i);
            if (t == null || !t.type().isFloating()) {
                return false;
            }
            in[i] = t;
        }
        if (in[0].elements() == 0 || !c.foldsWeight(in[0].type(), shape)) {
            return false;
        }
        int channels = (int) shape[1];
        int inner = (int) (in[0].elements() / shape[0] / channels);
        double[] x = in[0].toDoubles();
        double[][] p = new double[5][];
        for (int i = 1; i < p.length; i++) {
            p[i] = in[i].toDoubles();
        }
        double[] mean = means(x, channels, inner);
        double[] squares = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            double centred = x[i] - mean[i / inner % channels];
            squares[i] = centred * centred;
        }
        double[] variance = means(squares, channels, inner);
        double epsilon = c.node().getFloat("epsilon", 1e-5f);
        for (int i = 0; i < x.length; i++) {
            int at = i / inner % channels;
            x[i] = (x[i] - mean[at]) / Math.sqrt(variance[at] + epsilon) * p[1][at] + p[2][at];
        }
        double momentum = c.node().getFloat("momentum", 0.9f);
        c.output(0, TensorData.ofDoubles(x, shape).as(in[0].type()));
        if (!c.node().output(1).isEmpty()) {
            c.output(1, running(p[3], mean, momentum).as(in[3].type()));
        }
        if (!c.node().output(2).isEmpty()) {
            c.output(2, running(p[4], variance, momentum).as(in[4].type()));
        }
        return true;
    }

    /** The mean of each channel. */
    private static double[] means(double[] x, int channels, int inner) {
        double[] sums = new double[channels];
        for (int i = 0; i < x.length; i++) {
            sums[i / inner % channels] += x[i];
        }
        double count = (double) x.length / channels;
        return Arrays.stream(sums).map(s -> s / count).toArray();
    }

    private static TensorData running(double[] before, double[] now, double momentum) {
        double[] mixed = new double[now.length];
        for (int i = 0; i < mixed.length; i++) {
            mixed[i] = momentum * before[i] + (1 - momentum) * now[i];
        }
        return TensorData.ofDoubles(mixed, mixed.length);
    }

    @Override
    public void relate(UnitRelations r) {
        String x = r.node().input(0);
        String y = r.node().output(0);
        // By the statistics of the batch, all indices of the other axes belong together.
        boolean training = r.node().getLong("training_mode", 0) != 0;
        for (int axis = 0; axis < r.shape(x).length; axis++) {
            if (axis == 1 || !training) {
                r.same(x, axis, y, axis);
            }
        }
        for (int i = 1; i < 5; i++) {
            r.same(r.node().input(i), 0, y, 1);
        }
    }

    @Override
    public boolean keepsExamplesApart(ExampleRows r) {
        return r.areOfFirstInput() && r.node().getLong("training_mode", 0) == 0;
    }
}
