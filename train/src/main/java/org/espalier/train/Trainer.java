package org.espalier.train;

import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.espalier.channels.ChannelGroup;
import org.espalier.cost.Cost;
import org.espalier.data.Batch;
import org.espalier.data.BatchLoader;
import org.espalier.data.DataSet;
import org.espalier.graph.Graph;
import org.espalier.method.NotFiniteException;
import org.espalier.method.StructuredBayes;
import org.espalier.shrink.KeptUnits;
import org.espalier.shrink.Shrinker;
import org.espalier.torch.Mode;
import org.espalier.torch.Scope;
import org.espalier.torch.TorchGraph;
import org.jspecify.annotations.Nullable;

/** Trains one network through one phase. */
final class Trainer implements AutoCloseable {
    /** Fewer units than this share leave the network only every {@link #SHRINK_ANYWAY} epochs: rebuilding it takes time, too. */
    private static final double SHRINK_SHARE = 0.02;

    private static final int SHRINK_ANYWAY = 5;

    private final Recipe recipe;
    private final DataSet train;
    private final @Nullable DataSet heldOut;
    private final TrainingListener listener;
    private final Progress progress;
    private final Phase phase;
    private final Network network;
    private final @Nullable TorchGraph teacher;
    private final int epochs;
    private final BatchLoader loader;
    private final Feed feed;
    private final Loss loss;
    private final Schedule weightRate;
    private final Schedule noiseRate;
    private int[] epochsBelow;

    /** Steps done, of all steps of a run. */
    static final class Progress {
        long done;
        final long all;

        Progress(long all) {
            this.all = all;
        }
    }

    Trainer(
            Recipe recipe,
            Phase phase,
            Network network,
            @Nullable TorchGraph teacher,
            DataSet train,
            @Nullable DataSet heldOut,
            TrainingListener listener,
            Progress progress) {
        this.recipe = recipe;
        this.phase = phase;
        this.network = network;
        this.teacher = teacher;
        this.train = train;
        this.heldOut = heldOut;
        this.listener = listener;
        this.progress = progress;
        this.epochs = epochs(recipe, phase);
        this.loader = BatchLoader.of(train)
                .batchSize(recipe.batchSize())
                .seed(recipe.seed() * 31 + phase.number())
                .dropLast(true)
                .build();
        this.feed = new Feed(network.torch().graph(), train);
        this.loss =
                new Loss(recipe, network.torch().graph(), train, network.task().output(), feed, teacher);
        long steps = (long) epochs * loader.batchesPerEpoch();
        double constant =
                switch (phase) {
                    case PRETRAIN -> 0.5;
                    case PRUNE -> recipe.constantShare();
                    case FINETUNE -> 0;
                };
        double rate = phase == Phase.FINETUNE ? recipe.finetuneLearningRate() : recipe.learningRate();
        this.weightRate = new Schedule(rate, constant, steps);
        this.noiseRate = new Schedule(recipe.noiseLearningRate(), constant, steps);
        this.epochsBelow = new int[network.groups().units()];
    }

    static int epochs(Recipe recipe, Phase phase) {
        return switch (phase) {
            case PRETRAIN -> recipe.pretrainEpochs();
            case PRUNE -> recipe.pruneEpochs();
            case FINETUNE -> recipe.finetuneEpochs();
        };
    }

    /** Runs the phase. */
    void run() {
        for (int epoch = 0; epoch < epochs; epoch++) {
            long start = System.nanoTime();
            long waited = loader.waitNanos();
            double loss = 0;
            double penalty = 0;
            long step = (long) epoch * loader.batchesPerEpoch();
            for (int i = 0; i < loader.batchesPerEpoch(); i++, step++) {
                Batch batch = loader.next();
                network.setRates(weightRate.at(step), noiseRate.at(step));
                warmUp(step);
                double[] both = step(batch, i + 1 == loader.batchesPerEpoch());
                loss += both[0];
                penalty = both[1];
                listener.onStep(++progress.done, progress.all);
            }
            double seconds = (System.nanoTime() - start) / 1e9;
            double wait = (loader.waitNanos() - waited) / 1e9 / seconds;
            KeptUnits kept = network.decide();
            listener.onEpoch(new EpochMetrics(
                    phase,
                    epoch + 1,
                    epochs,
                    loss / loader.batchesPerEpoch(),
                    penalty,
                    network.groups().count(kept.kept()),
                    macs(kept),
                    heldOutError(kept),
                    weightRate.at(step - 1),
                    seconds,
                    loader.batchesPerEpoch() * (double) recipe.batchSize() / seconds,
                    wait));
            if (phase == Phase.PRUNE && recipe.patienceEpochs() > 0 && epoch + 1 < epochs) {
                shrink(kept, epoch);
            }
        }
    }

    /** What is left to fine-tune is small: there exact products cost little, and the last tenths of a point are at stake. */
    private Mode mode() {
        Mode training = Mode.training(recipe.precision()).withExact(phase == Phase.FINETUNE);
        return network.task().frozenStatistics() ? training.withFrozenStatistics() : training;
    }

    private void warmUp(long step) {
        if (network.method() instanceof StructuredBayes s) {
            double epoch = (double) step / loader.batchesPerEpoch();
            s.setKlShare(recipe.klWarmupEpochs() > 0 ? Math.min(1, (epoch + 0.02) / recipe.klWarmupEpochs()) : 1);
            if (epoch >= 1) {
                s.noise().setLogSigmaFloor(recipe.logSigmaFloor());
            }
        }
    }

    /** One step; returns the loss and, on the epoch's last step, the penalty per example. */
    private double[] step(Batch batch, boolean last) {
        try (Scope scope = Scope.open()) {
            network.adam().zeroGrad();
            TorchGraph net = network.torch();
            Map<String, Tensor> inputs = feed.inputs(batch);
            Map<String, Tensor> weights = network.method().weights(net.parameters());
            Tensor loss = this.loss.loss(net.forward(inputs, weights, mode()), batch, inputs);
            double value = loss.item_double();
            if (!Double.isFinite(value)) {
                throw diverged("the loss must be finite, found " + value, batch);
            }
            Tensor penalty = network.method().penalty();
            Tensor total = penalty == null ? loss : loss.add(penalty.div(new Scalar((double) train.size())));
            total.backward();
            network.adam().step();
            return new double[] {value, penalty == null || !last ? 0 : penalty.item_double() / train.size()};
        } catch (NotFiniteException e) {
            String group = network.groups().groups().stream()
                    .filter(g -> e.unit() >= g.offset() && e.unit() < g.offset() + g.size())
                    .map(ChannelGroup::name)
                    .findFirst()
                    .orElse("");
            throw diverged("group '" + group + "': " + e.getMessage(), batch);
        }
    }

    private TrainingException diverged(String what, Batch batch) {
        String where = network.notFinite()
                .map(name -> ", first in weight '" + name + "'")
                .orElse("");
        return new TrainingException(phase + ": " + what + " at step " + (progress.done + 1) + " (batch "
                + (batch.index() + 1) + " of epoch "
                + (batch.epoch() + 1) + ")" + where + "; lower the learning rate (now " + weightRate.rate()
                + ") or the method's (now " + noiseRate.rate() + ")");
    }

    private long macs(KeptUnits kept) {
        Graph smaller = Shrinker.shrink(network.groups(), network.structure(), kept.kept())
                .graph();
        return Cost.of(smaller).macs();
    }

    private double heldOutError(KeptUnits kept) {
        if (heldOut == null) {
            return Double.NaN;
        }
        return Evaluator.measure(network.masked(kept), heldOut, network.task().output(), teacher)
                .errorPercent();
    }

    /** Takes units out that stayed below the threshold for long enough. */
    private void shrink(KeptUnits kept, int epoch) {
        int gone = 0;
        boolean[] stay = new boolean[epochsBelow.length];
        for (int u = 0; u < stay.length; u++) {
            epochsBelow[u] = kept.kept()[u] ? 0 : epochsBelow[u] + 1;
            stay[u] = epochsBelow[u] < recipe.patienceEpochs();
            gone += stay[u] ? 0 : 1;
        }
        boolean worthIt =
                gone >= SHRINK_SHARE * stay.length || (gone > 0 && epoch % SHRINK_ANYWAY == SHRINK_ANYWAY - 1);
        if (!worthIt) {
            return;
        }
        KeptUnits closed = network.task()
                .layers()
                .kept(network.groups(), stay, network.method().decide().score());
        int[] before = epochsBelow;
        if (!network.shrink(closed.kept())) {
            return;
        }
        epochsBelow = new int[network.groups().units()];
        int at = 0;
        for (int u = 0; u < before.length; u++) {
            if (closed.kept()[u]) {
                epochsBelow[at++] = before[u];
            }
        }
    }

    @Override
    public void close() {
        loader.close();
    }
}
