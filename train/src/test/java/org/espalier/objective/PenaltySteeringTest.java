package org.espalier.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

class PenaltySteeringTest {
    private static final long STEPS = 2000;

    private static PenaltySteering steering(double tolerance) {
        return new PenaltySteering(tolerance, STEPS, PenaltySteering.State.BEGIN);
    }

    /** Shares after each step where the loss follows from the share. */
    private static double[] run(PenaltySteering s, double original, DoubleUnaryOperator loss) {
        double[] shares = new double[(int) STEPS];
        for (int i = 0; i < STEPS; i++) {
            s.step(loss.applyAsDouble(s.share()), original);
            shares[i] = s.share();
        }
        return shares;
    }

    @Test
    void step_lossAtTheOriginals_growsToItsMost() {
        double[] shares = run(steering(0.2), 1, share -> 1);
        assertThat(shares).isSorted();
        assertThat(shares[(int) STEPS - 1]).isEqualTo(1e3);
    }

    @Test
    void step_lossFarAbove_fallsToItsLeast() {
        assertThat(run(steering(0.2), 1, share -> 9)[(int) STEPS - 1]).isEqualTo(1e-4);
    }

    @Test
    void step_lossThatGrowsWithTheShare_settlesAtTheBound() {
        SplittableRandom random = new SplittableRandom(5);
        // 0.2 · (1 + 0.2) nats above 1 is where a loss of 1 + share / 10 meets the bound: at a share of 2.4.
        double[] shares = run(steering(0.2), 1, share -> 1 + share / 10 + random.nextDouble(-0.1, 0.1));
        for (int i = (int) STEPS / 2; i < STEPS; i++) {
            assertThat(shares[i]).isCloseTo(2.4, within(0.4));
        }
    }

    @Test
    void step_originalWithoutLoss_maySufferALittle() {
        double[] shares = run(steering(0.5), 0, share -> share / 10);
        assertThat(shares[(int) STEPS - 1]).isCloseTo(1, within(0.1));
    }

    @Test
    void state_goesOnWithTheSameBits() {
        PenaltySteering whole = steering(0.3);
        PenaltySteering first = steering(0.3);
        SplittableRandom random = new SplittableRandom(6);
        double[] losses = random.doubles(200, 0, 2).toArray();
        for (double l : losses) {
            whole.step(l, 0.7);
        }
        for (int i = 0; i < 77; i++) {
            first.step(losses[i], 0.7);
        }
        PenaltySteering second = new PenaltySteering(0.3, STEPS, first.state());
        for (int i = 77; i < 200; i++) {
            second.step(losses[i], 0.7);
        }
        assertThat(second.state()).isEqualTo(whole.state());
    }

    @Test
    void aim_costThatFallsWithTheShare_endsWhereItIsWanted() {
        PenaltySteering s = PenaltySteering.byCost(STEPS, PenaltySteering.State.BEGIN);
        for (int i = 0; i < STEPS; i++) {
            // A cost of 1 / (1 + share), of which 0.25 is wanted: at a share of 3.
            s.aim(1 / (1 + s.share()) / 0.25);
            s.step();
        }
        assertThat(s.share()).isCloseTo(3, within(0.2));
    }

    @Test
    void aim_costAboveAndBelowWhatIsWanted_movesTheShareTowardsIt() {
        PenaltySteering above = PenaltySteering.byCost(STEPS, PenaltySteering.State.BEGIN);
        above.aim(2);
        above.step();
        PenaltySteering below = PenaltySteering.byCost(STEPS, PenaltySteering.State.BEGIN);
        below.aim(0.5);
        below.step();
        assertThat(above.share()).isGreaterThan(PenaltySteering.START);
        assertThat(below.share()).isLessThan(PenaltySteering.START);
        assertThat(above.isByCost()).isTrue();
        assertThat(steering(0.2).isByCost()).isFalse();
    }
}
