package org.espalier.torch.ops;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.T_TensorTensorTensor_T;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.espalier.torch.ops.RecurrentLayer.Direction;

/**
 * LSTM, GRU and RNN. libtorch's own layers where they compute what ONNX says; step by step where there are peepholes, clipping, coupled gates,
 * other activations, sequences of different lengths, or a GRU that resets before its product.
 */
final class RecurrentKernels {
    /** Places of libtorch's gates (input, forget, cell, output; reset, update, hidden) among ONNX's. */
    private static final int[] LSTM_GATES = {0, 2, 3, 1};

    private static final int[] GRU_GATES = {1, 0, 2};
    private static final int[] RNN_GATES = {0};

    private RecurrentKernels() {}

    static void register(Map<String, Kernel> table) {
        for (String name : List.of("LSTM", "GRU", "RNN")) {
            table.put(name, RecurrentKernels::run);
        }
    }

    /** Y, Y_h and, of LSTM, Y_c. */
    private static Tensor[] run(KernelCall c) {
        RecurrentLayer layer = RecurrentLayer.of(c);
        List<Tensor> all = isWhole(layer) ? whole(layer) : stepped(layer);
        Tensor y = all.get(0);
        if (!RecurrentLayer.examplesFirst(c.node())) {
            return all.toArray(Tensor[]::new);
        }
        List<Tensor> turned = new ArrayList<>(List.of(y.permute(2, 0, 1, 3)));
        all.subList(1, all.size()).forEach(state -> turned.add(state.transpose(0, 1)));
        return turned.toArray(Tensor[]::new);
    }

    /** Whether libtorch's own layer computes it. */
    private static boolean isWhole(RecurrentLayer layer) {
        boolean usual = layer.hasUsualActivations()
                && layer.lengths() == null
                && Float.isInfinite(layer.clip())
                && !layer.has("input_forget")
                && layer.directions().get(0).peepholes() == null;
        return usual && (layer.gates() != 3 || layer.has("linear_before_reset"));
    }

    private static List<Tensor> stepped(RecurrentLayer layer) {
        List<Tensor> outputs = new ArrayList<>();
        List<Tensor> hidden = new ArrayList<>();
        List<Tensor> cells = new ArrayList<>();
        for (Direction d : layer.directions()) {
            SteppedRecurrence steps = new SteppedRecurrence(layer, d);
            outputs.add(steps.run());
            hidden.add(steps.hidden());
            cells.add(steps.cell());
        }
        List<Tensor> all = new ArrayList<>();
        all.add(torch.stack(RecurrentLayer.vector(outputs), 1));
        all.add(torch.stack(RecurrentLayer.vector(hidden), 0));
        if (layer.gates() == 4) {
            all.add(torch.stack(RecurrentLayer.vector(cells), 0));
        }
        return all;
    }

    private static List<Tensor> whole(RecurrentLayer layer) {
        List<Direction> directions = layer.directions();
        boolean backwards = directions.size() == 1 && directions.get(0).reverse();
        Tensor x = backwards ? layer.x().flip(0) : layer.x();
        int[] order =
                switch (layer.gates()) {
                    case 4 -> LSTM_GATES;
                    case 3 -> GRU_GATES;
                    default -> RNN_GATES;
                };
        List<Tensor> weights = new ArrayList<>();
        List<Tensor> hidden = new ArrayList<>();
        List<Tensor> cells = new ArrayList<>();
        for (Direction d : directions) {
            for (Tensor t : List.of(d.w(), d.r(), d.inputBias(), d.hiddenBias())) {
                weights.add(reordered(t, order));
            }
            hidden.add(d.hidden());
            cells.add(d.cell());
        }
        List<Tensor> found = layer(layer, x, weights, hidden, cells);
        Tensor y = found.get(0);
        Tensor forward = backwards ? y.flip(0) : y;
        long[] apart = {y.size(0), y.size(1), directions.size(), y.size(2) / directions.size()};
        found.set(0, forward.view(apart).transpose(1, 2));
        return found;
    }

    /** libtorch's layer: y [T, N, D·H], h [D, N, H] and, of LSTM, c. */
    private static List<Tensor> layer(
            RecurrentLayer layer, Tensor x, List<Tensor> weights, List<Tensor> hidden, List<Tensor> cells) {
        boolean both = layer.directions().size() == 2;
        boolean trains = GradMode.is_enabled();
        Tensor h = torch.stack(RecurrentLayer.vector(hidden), 0);
        if (layer.gates() == 4) {
            Tensor cell = torch.stack(RecurrentLayer.vector(cells), 0);
            T_TensorTensorTensor_T out = torch.lstm(
                    x,
                    RecurrentLayer.vector(List.of(h, cell)),
                    RecurrentLayer.vector(weights),
                    true,
                    1,
                    0,
                    trains,
                    both,
                    false);
            return new ArrayList<>(List.of(new Tensor(out.get0()), new Tensor(out.get1()), new Tensor(out.get2())));
        }
        T_TensorTensor_T out = layer.gates() == 3
                ? torch.gru(x, h, RecurrentLayer.vector(weights), true, 1, 0, trains, both, false)
                : torch.rnn_tanh(x, h, RecurrentLayer.vector(weights), true, 1, 0, trains, both, false);
        return new ArrayList<>(List.of(new Tensor(out.get0()), new Tensor(out.get1())));
    }

    /** Blocks of rows, one for each gate, in another order. */
    private static Tensor reordered(Tensor t, int[] order) {
        long rows = t.size(0) / order.length;
        List<Tensor> blocks = new ArrayList<>();
        for (int gate : order) {
            blocks.add(t.narrow(0, gate * rows, rows));
        }
        return torch.cat(RecurrentLayer.vector(blocks), 0);
    }
}
