package org.espalier.ops;

import java.util.List;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;

/** Resamples axes to another size (also Upsample). Axes whose size stays keep their units; those that change are frozen. */
final class ResizeOp implements Operator {
    @Override
    public List<String> names() {
        return List.of("Resize", "Upsample");
    }

    @Override
    public void infer(NodeInference c) {
        long[] x = c.shape(0);
        int sizesAt = c.node().opType().equals("Resize") && c.opset() >= 11 ? 3 : -1;
        int scalesAt = sizesAt < 0 ? 1 : 2;
        long[] axes = c.node().getLongs("axes");
        TensorData sizes = sizesAt > 0 && c.node().hasInput(sizesAt) ? c.constant(sizesAt) : null;
        float[] scales = scales(c, scalesAt);
        boolean stretch =
                c.node().getString("keep_aspect_ratio_policy", "stretch").equals("stretch");
        int given = sizes != null ? (int) sizes.elements() : scales.length;
        if (given == 0 || !stretch) {
            return;
        }
        if (given != (axes == null ? x.length : axes.length)) {
            throw c.shapeError("sizes or scales must have one number per axis");
        }
        for (int i = 0; i < given; i++) {
            int a = axes == null ? i : c.axis(axes[i], x.length);
            x[a] = sizes != null ? sizes.getLong(i) : scaled(c, x[a], scales[i]);
        }
        c.output(0, c.type(0), x);
    }

    private static long scaled(NodeInference c, long size, float scale) {
        double scaled = Math.floor(size * scale);
        if (!(scale > 0 && scaled < Long.MAX_VALUE)) {
            throw c.shapeError("scales must be positive and sizes stay below 2^63, scale " + scale);
        }
        return (long) scaled;
    }

    private static float[] scales(NodeInference c, int at) {
        if (c.node().attributes().get("scales") instanceof org.espalier.graph.Attribute.OfFloats f) {
            float[] v = new float[f.values().size()];
            for (int i = 0; i < v.length; i++) {
                v[i] = f.values().get(i);
            }
            return v;
        }
        TensorData t = c.node().hasInput(at) ? c.constant(at) : null;
        return t == null ? new float[0] : t.toFloats();
    }

    @Override
    public void relate(UnitRelations r) {
        String x = r.node().input(0);
        String y = r.node().output(0);
        long[] in = r.shape(x);
        if (r.node().hasInput(3)) {
            // Sizes are no signal.
            r.mention(r.node().input(3), 0);
        }
        for (int a = 0; a < in.length; a++) {
            if (in[a] == r.shape(y)[a] && isFixed(r, a, in.length)) {
                r.same(x, a, y, a);
            }
        }
    }

    /** Whether the axis stays as it is for all sizes of the network's inputs, or can be made to. */
    private static boolean isFixed(UnitRelations r, int axis, int rank) {
        long[] axes = r.node().getLongs("axes");
        if (axes != null && !Axes.contains(Axes.of(axes, rank), axis)) {
            return true;
        }
        boolean sized = r.node().opType().equals("Resize")
                && r.opset() >= 11
                && r.node().hasInput(3);
        String at = r.node().input(sized ? 3 : r.node().opType().equals("Resize") && r.opset() >= 11 ? 2 : 1);
        long[] entries = sized && axes == null ? TargetSizes.of(r, at) : null;
        return at.isEmpty()
                || r.constant(at) != null
                || (entries != null
                        && entries.length == rank
                        && entries[axis] == r.shape(r.node().output(0))[axis]);
    }

    @Override
    public void shrink(NodeShrink s) {
        long[] axes = s.node().getLongs("axes");
        TensorData sizes = s.node().hasInput(3) ? s.constant(s.node().input(3)) : null;
        long[] out = s.newShape(s.node().output(0));
        if (sizes == null && s.node().hasInput(3) && axes == null) {
            for (int a = 0; a < out.length; a++) {
                out[a] = s.kept(s.node().output(0), a) != null ? out[a] : -1;
            }
            s.setEntries(3, out);
        }
        if (sizes == null) {
            return;
        }
        long[] changed = new long[(int) sizes.elements()];
        for (int i = 0; i < changed.length; i++) {
            changed[i] = out[axes == null ? i : Axes.of(axes[i], out.length)];
        }
        // A literal batch stays literal.
        s.setInput(3, TensorData.vector(changed));
    }

    @Override
    public boolean keepsExamplesApart(ExampleRows r) {
        // Along an axis that keeps its size each place is looked up where it is, unless a region is cut out.
        String mode = r.node().getString("coordinate_transformation_mode", "");
        return r.areOfFirstInput() && r.keepsRowCount() && !mode.equals("tf_crop_and_resize");
    }

    @Override
    public boolean takesSizes(Node n, int input) {
        return input == 3 && n.opType().equals("Resize");
    }
}
