package org.espalier.torch.ops;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.espalier.torch.ops.RecurrentLayer.Direction;
import org.espalier.torch.ops.RecurrentLayer.Lengths;

/** One direction of a recurrent layer, step after step: whatever ONNX allows. Gates are in ONNX's order throughout. */
final class SteppedRecurrence {
    private final RecurrentLayer layer;
    private final Direction d;
    private final long size;

    /** h after the latest step, [N, H]; for an example that has ended, after its last. */
    private Tensor hidden;
    /** c of LSTM after the latest step, [N, H]. */
    private Tensor cell;

    SteppedRecurrence(RecurrentLayer layer, Direction direction) {
        this.layer = layer;
        this.d = direction;
        this.size = direction.r().size(1);
        this.hidden = direction.hidden();
        this.cell = direction.cell();
    }

    Tensor hidden() {
        return hidden;
    }

    Tensor cell() {
        return cell;
    }

    /** Runs all steps; h after each, [T, N, H], zeros where an example has ended. */
    Tensor run() {
        Tensor read = torch.linear(layer.x(), d.w(), new TensorOptional(d.inputBias()));
        int steps = (int) layer.x().size(0);
        List<Tensor> all = new ArrayList<>();
        for (int i = 0; i < steps; i++) {
            int t = d.reverse() ? steps - 1 - i : i;
            all.add(step(read.select(0, t), t));
        }
        if (d.reverse()) {
            Collections.reverse(all);
        }
        return torch.stack(RecurrentLayer.vector(all), 0);
    }

    private Tensor step(Tensor read, int t) {
        Tensor before = hidden;
        Tensor cellBefore = cell;
        switch (layer.gates()) {
            case 4 -> lstm(read);
            case 3 -> gru(read);
            default -> hidden = activated(0, read.add(recurrent(before, 0, 1)));
        }
        Lengths lengths = layer.lengths();
        if (lengths == null) {
            return hidden;
        }
        Tensor runs = lengths.has(t, hidden);
        Tensor out = torch.where(runs, hidden, torch.zeros_like(hidden));
        hidden = torch.where(runs, hidden, before);
        cell = torch.where(runs, cell, cellBefore);
        return out;
    }

    private void lstm(Tensor read) {
        Tensor gates = read.add(recurrent(hidden, 0, 4));
        Tensor input = activated(0, peeped(gate(gates, 0), 0, cell));
        Tensor forget = layer.has("input_forget")
                ? input.neg().add(new Scalar(1))
                : activated(0, peeped(gate(gates, 2), 2, cell));
        cell = forget.mul(cell).add(input.mul(activated(1, gate(gates, 3))));
        Tensor output = activated(0, peeped(gate(gates, 1), 1, cell));
        hidden = output.mul(d.activations().get(2).of(cell));
    }

    private void gru(Tensor read) {
        Tensor gates = read.narrow(1, 0, 2 * size).add(recurrent(hidden, 0, 2));
        Tensor update = activated(0, gate(gates, 0));
        Tensor reset = activated(0, gate(gates, 1));
        Tensor history = layer.has("linear_before_reset")
                ? reset.mul(recurrent(hidden, 2, 1))
                : recurrent(reset.mul(hidden), 2, 1);
        Tensor candidate = activated(1, gate(read, 2).add(history));
        hidden = candidate.add(update.mul(hidden.sub(candidate)));
    }

    /** h·Rᵀ and bias for some of the gates. */
    private Tensor recurrent(Tensor h, long first, long count) {
        Tensor rows = d.r().narrow(0, first * size, count * size);
        return torch.linear(h, rows, new TensorOptional(d.hiddenBias().narrow(0, first * size, count * size)));
    }

    private Tensor gate(Tensor gates, long i) {
        return gates.narrow(1, i * size, size);
    }

    private Tensor peeped(Tensor gate, long i, Tensor c) {
        Tensor p = d.peepholes();
        return p == null ? gate : gate.add(p.narrow(0, i * size, size).mul(c));
    }

    private Tensor activated(int i, Tensor gate) {
        float clip = layer.clip();
        Tensor bounded = Float.isInfinite(clip) ? gate : torch.hardtanh(gate, new Scalar(-clip), new Scalar(clip));
        return d.activations().get(i).of(bounded);
    }
}
