package org.espalier.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.espalier.graph.Graph;
import org.espalier.objective.Evaluator;
import org.espalier.progress.TrainingListener;
import org.espalier.torch.Engine;
import org.espalier.torch.EngineLease;
import org.espalier.torch.PassMode;
import org.espalier.torch.Precision;
import org.espalier.torch.Scope;
import org.espalier.torch.TorchGraph;
import org.espalier.torch.ops.TensorConversions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Threads that share libtorch. */
@Timeout(300)
class EngineTurnsTest {
    private static Graph run() {
        Toy.Settings s = Toy.settings();
        s.pretrainEpochs = 1;
        s.pruneEpochs = 2;
        s.finetuneEpochs = 1;
        return new PruningRun(Toy.convolutional(), Toy.digits(), s.recipe(), Toy.SBP, TrainingListener.silent())
                .run()
                .pruned();
    }

    /** A run gives the same bits while another run and evaluations, which have another precision, go on beside it. */
    @Test
    void runsAndEvaluations_besideEachOther_changeNothing() throws Exception {
        Engine.start(1);
        Graph alone = run();
        AtomicBoolean over = new AtomicBoolean();
        ExecutorService threads = Executors.newFixedThreadPool(3);
        try {
            Future<Integer> evaluations = threads.submit(() -> {
                int count = 0;
                while (!over.get()) {
                    Evaluator.errorPercent(Toy.convolutional(), Toy.digits().test());
                    count++;
                }
                return count;
            });
            Callable<Graph> one = EngineTurnsTest::run;
            Future<Graph> first = threads.submit(one);
            Future<Graph> second = threads.submit(one);
            assertThat(first.get().initializers()).isEqualTo(alone.initializers());
            assertThat(second.get().initializers()).isEqualTo(alone.initializers());
            over.set(true);
            assertThat(evaluations.get()).isPositive();
        } finally {
            over.set(true);
            threads.shutdown();
        }
    }

    /** Gradients are computed in the precision of their forward pass, though a pass of another precision waits for the engine meanwhile. */
    @Test
    void lease_betweenForwardAndBackward_keepsPrecision() throws Exception {
        Engine.start(1);
        Tensor[] gradients = new Tensor[2];
        ExecutorService other = Executors.newSingleThreadExecutor();
        try (Scope scope = Scope.open();
                TorchGraph net = new TorchGraph(Toy.dense())) {
            Tensor x = torch.rand(64, 1, 28, 28);
            for (int i = 0; i < 2; i++) {
                Future<?> waiting;
                try (EngineLease lease = Engine.lease()) {
                    Tensor loss = net.forward(x, PassMode.training(Precision.FLOAT32))
                            .square()
                            .mean();
                    boolean contested = i == 1;
                    waiting = other.submit(() -> contested
                            ? Evaluator.errorPercent(Toy.dense(), Toy.digits().test())
                            : 0.0);
                    if (contested) {
                        Thread.sleep(300);
                        assertThat(waiting.isDone()).isFalse();
                    }
                    loss.backward();
                }
                waiting.get();
                Tensor weight = Objects.requireNonNull(net.parameters().get("fc1.weight"));
                gradients[i] = weight.grad().clone();
                weight.mutable_grad().mul_(new Scalar(0.0));
            }
            assertThat(TensorConversions.toGraph(gradients[1])).isEqualTo(TensorConversions.toGraph(gradients[0]));
        } finally {
            other.shutdown();
        }
    }

    @Test
    void precision_withoutLease_isRefused() {
        Engine.start(1);
        assertThatThrownBy(() -> Engine.exact(true))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("Engine.lease()");
    }
}
