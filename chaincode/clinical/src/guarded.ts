import { ContractError, type GoodputContext } from '@goodput/chaincode';
import { authorizeAndRecord, type AccessRequest, type Decision } from '@goodput/contracts';

/** What every call answers: the decision and, when it permits, the result. */
export interface Answer<T> {
    readonly decision: Pick<Decision, 'effect' | 'because' | 'obligations' | 'breakGlass'>;
    readonly result?: T;
}

/**
 * Decides, records, and does the work only when it is permitted. A denial is an answer and not an error:
 * an error would take the record with it. So reads must be submitted as well.
 */
export async function guarded<T>(
    ctx: GoodputContext,
    request: AccessRequest,
    work: () => Promise<T>,
): Promise<Answer<T>> {
    const { effect, because, obligations, breakGlass } = await authorizeAndRecord(ctx, request);
    const decision = { effect, because, obligations, breakGlass };
    return effect === 'PERMIT' ? { decision, result: await work() } : { decision };
}

/** Reads an argument that is JSON. */
export function json(text: string): unknown {
    try {
        return JSON.parse(text);
    } catch {
        // What the parser would say of it quotes it.
        throw new ContractError('CLINICAL_INPUT_INVALID', 'an argument is not JSON');
    }
}

/** Reads an argument that is a number. */
export function number(text: string): number {
    const value = text.trim() === '' ? Number.NaN : Number(text);
    if (Number.isFinite(value)) return value;
    throw new ContractError('CLINICAL_INPUT_INVALID', 'an argument that must be a number is none');
}
