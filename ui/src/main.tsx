import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { ProblemError } from './api/problem.ts'
import { findToken } from './api/token.ts'
import { createRoutes } from './app/router.tsx'
import { applyTheme } from './app/theme.ts'
import './styles/base.css'
import './styles/parts.css'
import './styles/pages.css'
import './styles/lab.css'

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // what the API has said once it will say again
      retry: (count, error) => !(error instanceof ProblemError) && count < 3,
      staleTime: 2_000,
    },
  },
})

applyTheme()
await findToken()
const place = document.getElementById('root')
if (place)
  createRoot(place).render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <RouterProvider router={createRoutes()} />
      </QueryClientProvider>
    </StrictMode>,
  )
