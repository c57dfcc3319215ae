/** Reservations: a new one cancels the one before, so that two readers do not mix their pieces (§33.11). */
export class Reservations {
  private sdr = 0
  private sel = 0

  takeSdr(): number {
    this.sdr = (this.sdr % 0xffff) + 1
    return this.sdr
  }

  takeSel(): number {
    this.sel = (this.sel % 0xffff) + 1
    return this.sel
  }

  holdsSdr(id: number): boolean {
    return this.sdr !== 0 && id === this.sdr
  }

  holdsSel(id: number): boolean {
    return this.sel !== 0 && id === this.sel
  }
}
