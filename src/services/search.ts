import { type Found, search as searchRecords } from '../store/search.ts'
import type { Services } from './context.ts'

export async function search({ tools }: Services, text: string, limit: number): Promise<Found[]> {
  return searchRecords(tools.db, text, limit)
}
